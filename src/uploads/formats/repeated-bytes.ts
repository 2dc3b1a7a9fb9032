/** Bytes that stand in line after line. */
export class RepeatedBytes {
  /** −1: none yet. */
  length = -1;
  /** Four at once, little-endian; the last four overlap with those before. Fewer than four are one by one in {@link few}. */
  private readonly fours: Int32Array;
  private lastFour = 0;
  private readonly few = new Uint8Array(3);

  constructor(most: number) {
    this.fours = new Int32Array(most >> 2);
  }

  take(view: DataView, from: number, to: number): void {
    const length = to - from;
    this.length = length;
    for (let four = 0; four < length >> 2; four++) this.fours[four] = view.getInt32(from + four * 4, true);
    if (length >= 4) this.lastFour = view.getInt32(to - 4, true);
    else for (let i = 0; i < length; i++) this.few[i] = view.getUint8(from + i);
  }

  /** Whether they stand at `at`, where there must be room for them. */
  stands(view: DataView, at: number): boolean {
    const { length, fours } = this;
    if (length < 4) return this.fewStand(view, at);
    if (view.getInt32(at + length - 4, true) !== this.lastFour) return false;
    const whole = length >> 2;
    for (let four = 0; four < whole; four++)
      if (view.getInt32(at + four * 4, true) !== fours[four]) return false;
    return true;
  }

  private fewStand(view: DataView, at: number): boolean {
    const { length, few } = this;
    for (let i = 0; i < length; i++) if (view.getUint8(at + i) !== few[i]) return false;
    return length >= 0;
  }
}
