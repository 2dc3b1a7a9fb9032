import { RefusedError } from '../../config/errors.js';

/** Fewer changes from one reading of a point to its next say nothing. */
const ENOUGH_CHANGES = 50;
/** Two hours of many homes may all go one way; so many changes of each point do not. */
const CHANGES_PER_POINT = 5;
/** Of the changes, so many may go the other way: a new meter, a mistyped value. */
const MOST_OTHER_WAY = 0.02;

/**
 * Whether the energies of a file only ever rise, reading after reading of every point: then they are what registers show.
 * Use goes up and down about equally often, whoever the user is.
 */
export class RegisterSuspicion {
  private readonly lastOfPoint = new Map<string, number>();
  private rises = 0;
  private falls = 0;

  note(id: string, kwh: number): void {
    if (!(kwh >= 0)) return;
    const last = this.lastOfPoint.get(id);
    this.lastOfPoint.set(id, kwh);
    if (last === undefined || last === kwh) return;
    if (kwh > last) this.rises++;
    else this.falls++;
  }

  /** @throws RefusedError the readings are cumulative, in one order of time or the other. */
  refuse(): void {
    const changes = this.rises + this.falls;
    if (changes < Math.max(ENOUGH_CHANGES, this.lastOfPoint.size * CHANGES_PER_POINT)) return;
    if (Math.min(this.rises, this.falls) > changes * MOST_OTHER_WAY) return;
    throw new RefusedError(
      'From one reading of a metering point to its next the energy only rises: are these readings of the register? If so, ' +
        'call the columns metering_point,taken_at,register_kwh and send them as registers.',
    );
  }
}
