import { DIGEST_BYTES, KEY_BYTES, MARK_BYTES } from './day-seal.js';

/** Which version of which row, within one month. */
export interface RowKey {
  readonly meteringPointId: number;
  readonly dayOfMonth: number;
  readonly channel: number;
  readonly revision: number;
}

const EMPTY = -1;
/** Channels, and revisions, that a key has room for beside 2^31 metering points and 31 days below 2^53. */
const CHANNELS = 4;
const REVISIONS = 32_768;

/** What the seals say of each row version: open addressing over typed arrays, some 50 bytes a row. */
export class MarkTable {
  private readonly mask: number;
  private readonly keys: Float64Array;
  private readonly slots: Int32Array;
  private readonly digests: Buffer;
  private readonly seals: Int32Array;
  private readonly met: Uint8Array;
  private size = 0;

  /** @param capacity at least as many as will be set. */
  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, capacity * 1.6)));
    this.mask = slots - 1;
    this.keys = new Float64Array(slots).fill(EMPTY);
    this.slots = new Int32Array(slots);
    this.digests = Buffer.allocUnsafe(capacity * DIGEST_BYTES);
    this.seals = new Int32Array(capacity);
    this.met = new Uint8Array(capacity);
  }

  /** Takes the mark at `from`; a later one of the same row version replaces it: the upload went on with that day. */
  set(key: RowKey, seal: number, marks: Uint8Array, from: number): void {
    const number = keyNumber(key);
    const slot = this.find(number);
    if (this.keys[slot] === EMPTY) {
      this.keys[slot] = number;
      this.slots[slot] = this.size++;
    }
    const at = this.slots[slot];
    this.seals[at] = seal;
    this.digests.set(marks.subarray(from + KEY_BYTES, from + MARK_BYTES), at * DIGEST_BYTES);
  }

  /** Compares a row's mark: the seal it stands in and whether it is the same; null when no seal has this row version. */
  meet(key: RowKey, mark: Buffer): { readonly seal: number; readonly same: boolean } | null {
    const slot = this.find(keyNumber(key));
    if (this.keys[slot] === EMPTY) return null;
    const at = this.slots[slot];
    this.met[at] = 1;
    const digest = at * DIGEST_BYTES;
    const same = mark.compare(this.digests, digest, digest + DIGEST_BYTES, KEY_BYTES, MARK_BYTES) === 0;
    return { seal: this.seals[at], same };
  }

  /** Row versions that were set and never met, with their seals. */
  *unmet(): Generator<RowKey & { readonly seal: number }> {
    for (let slot = 0; slot <= this.mask; slot++) {
      if (this.keys[slot] === EMPTY || this.met[this.slots[slot]] === 1) continue;
      yield { ...keyOfNumber(this.keys[slot]), seal: this.seals[this.slots[slot]] };
    }
  }

  private find(key: number): number {
    // Fibonacci hashing of both halves of the key, so that a point's days do not pile up.
    const mixed = Math.imul(key >>> 0, 0x9e3779b1) ^ Math.imul(Math.floor(key / 4_294_967_296), 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 15)) & this.mask;
    while (this.keys[slot] !== EMPTY && this.keys[slot] !== key) slot = (slot + 1) & this.mask;
    return slot;
  }
}

function keyNumber({ meteringPointId, dayOfMonth, channel, revision }: RowKey): number {
  return ((meteringPointId * 32 + dayOfMonth) * CHANNELS + channel) * REVISIONS + revision;
}

function keyOfNumber(number: number): RowKey {
  const withChannel = Math.floor(number / REVISIONS);
  const withDay = Math.floor(withChannel / CHANNELS);
  return {
    meteringPointId: Math.floor(withDay / 32),
    dayOfMonth: withDay % 32,
    channel: withChannel % CHANNELS,
    revision: number % REVISIONS,
  };
}
