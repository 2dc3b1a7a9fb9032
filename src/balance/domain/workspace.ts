/** Arrays a balance works in, made once for windows of up to `days` days and filled anew for each transformer. */
export class BalanceWorkspace {
  /** Metered by hour, kW, estimates of short gaps included; the inflow in the same clock. */
  readonly meteredKw: Float64Array;
  readonly inflowKw: Float64Array;
  /** The estimates among it, kW, and points whose hour is neither read nor estimated. */
  readonly estimatedKw: Float64Array;
  readonly unread: Uint16Array;
  /** Inflow − metered − quadratic loss, kW; NaN where the hour is not used. The loss without load is still in it. */
  readonly levelKw: Float64Array;
  /** Of `levelKw`, length `days`; NaN without enough hours. */
  readonly dailyLevelKw: Float64Array;
  readonly dailyMeteredKw: Float64Array;
  /** Inflow², kW². */
  readonly squares: Float64Array;
  /** Hourly changes of the remainder, the homes' common movement taken off. */
  readonly changes: Float64Array;
  /** Room for every pair of the slope, thrice the hours. */
  readonly scratch: Float64Array;

  constructor(readonly days: number) {
    const hours = days * 24;
    this.meteredKw = new Float64Array(hours);
    this.inflowKw = new Float64Array(hours);
    this.estimatedKw = new Float64Array(hours);
    this.unread = new Uint16Array(hours);
    this.levelKw = new Float64Array(hours);
    this.dailyLevelKw = new Float64Array(days);
    this.dailyMeteredKw = new Float64Array(days);
    this.squares = new Float64Array(hours);
    this.changes = new Float64Array(hours);
    this.scratch = new Float64Array(3 * hours);
  }
}
