/** Where a day stands in the table: nowhere, or it was there and was handed on. */
export const NO_DAY = -1;
export const DONE = -2;

const FIRST_SLOTS = 1 << 10;
/** Days handed on that are remembered, so that what comes after them is told and not taken for a day of its own. */
const MOST_REMEMBERED = 4_000_000;

/**
 * Finds days by two numbers (whose, and where they begin) in twelve bytes each: a Map of texts or of large numbers takes
 * eighty.
 */
export class DayTable {
  private whose = new Int32Array(FIRST_SLOTS);
  private begins = new Int32Array(FIRST_SLOTS);
  private days = new Int32Array(FIRST_SLOTS).fill(NO_DAY);
  private count = 0;

  get(whose: number, begins: number): number {
    return this.days[this.slotOf(whose, begins)];
  }

  set(whose: number, begins: number, day: number): void {
    const slot = this.slotOf(whose, begins);
    const isNew = this.days[slot] === NO_DAY;
    this.whose[slot] = whose;
    this.begins[slot] = begins;
    this.days[slot] = day;
    if (isNew && ++this.count * 2 > this.days.length) this.grow();
  }

  private slotOf(whose: number, begins: number): number {
    const mask = this.days.length - 1;
    let hash = Math.imul(whose, 0x9e3779b1) ^ Math.imul(begins, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const isFree = this.days[slot] === NO_DAY;
      if (isFree || (this.whose[slot] === whose && this.begins[slot] === begins)) return slot;
    }
  }

  private grow(): void {
    const { whose, begins, days } = this;
    const forgets = this.count > MOST_REMEMBERED;
    const slots = days.length * 2;
    this.whose = new Int32Array(slots);
    this.begins = new Int32Array(slots);
    this.days = new Int32Array(slots).fill(NO_DAY);
    this.count = 0;
    for (let slot = 0; slot < days.length; slot++)
      if (days[slot] >= 0 || (days[slot] === DONE && !forgets))
        this.set(whose[slot], begins[slot], days[slot]);
  }
}
