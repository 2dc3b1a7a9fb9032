const EMPTY = -1;

/**
 * Looks up metering points by the bytes of their external id, without making a string: open addressing over an arena
 * of the ids' bytes (a JavaScript Map of strings costs about 10× as much per lookup at a million ids).
 */
export class PointIndex {
  /** metering_point_id of each point index. */
  readonly pointIds: Int32Array;
  /** Index into the caller's list of territories, of each point index. */
  readonly territories: Uint16Array;
  /** Contracted power of each point index, kW; NaN = not known. */
  readonly contractedKw: Float32Array;
  size = 0;

  /** Other names of the points: `pointIds` of this one are indexes into ours. Asked for what we do not know ourselves. */
  aliases: PointIndex | null = null;

  private readonly table: Int32Array;
  private readonly mask: number;
  private arena: Uint8Array;
  private readonly starts: Uint32Array;
  private lastStart = 0;
  private lastLength = -1;
  private last = EMPTY;

  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, capacity * 2)));
    this.table = new Int32Array(slots).fill(EMPTY);
    this.mask = slots - 1;
    this.pointIds = new Int32Array(capacity);
    this.territories = new Uint16Array(capacity);
    this.contractedKw = new Float32Array(capacity).fill(NaN);
    this.starts = new Uint32Array(capacity + 1);
    this.arena = new Uint8Array(Math.max(64, capacity * 16));
  }

  /** Adds a point; ids are distinct by the registry's unique key. */
  add(externalId: Uint8Array, pointId: number, territory: number, contractedKw = NaN): void {
    const index = this.size++;
    const start = this.starts[index];
    if (start + externalId.length > this.arena.length) {
      const larger = new Uint8Array((start + externalId.length) * 2);
      larger.set(this.arena);
      this.arena = larger;
    }
    this.arena.set(externalId, start);
    this.starts[index + 1] = start + externalId.length;
    this.pointIds[index] = pointId;
    this.territories[index] = territory;
    this.contractedKw[index] = contractedKw;
    let at = hash(externalId, 0, externalId.length) & this.mask;
    while (this.table[at] !== EMPTY) at = (at + 1) & this.mask;
    this.table[at] = index;
  }

  /** Adds a point that only {@link aliases} name; returns its index. */
  addUnnamed(pointId: number, territory: number): number {
    const index = this.size++;
    this.starts[index + 1] = this.starts[index];
    this.pointIds[index] = pointId;
    this.territories[index] = territory;
    return index;
  }

  /** Index of the point whose id is `bytes[start, end)`, or −1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    // Readings of one point follow one another in most files.
    if (length === this.lastLength && this.same(this.lastStart, bytes, start, length)) return this.last;
    let at = hash(bytes, start, end) & this.mask;
    let index: number;
    while ((index = this.table[at]) !== EMPTY) {
      const from = this.starts[index];
      if (this.starts[index + 1] - from === length && this.same(from, bytes, start, length)) {
        this.lastStart = from;
        this.lastLength = length;
        this.last = index;
        return index;
      }
      at = (at + 1) & this.mask;
    }
    if (this.aliases === null) return EMPTY;
    const alias = this.aliases.find(bytes, start, end);
    return alias === EMPTY ? EMPTY : this.aliases.pointIds[alias];
  }

  private same(from: number, bytes: Uint8Array, start: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (this.arena[from + i] !== bytes[start + i]) return false;
    return true;
  }
}

/** FNV-1a, mixed once more because its low bits decide the slot. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let i = start; i < end; i++) value = Math.imul(value ^ bytes[i], 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
