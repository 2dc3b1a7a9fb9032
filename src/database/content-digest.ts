const numberBits = new Float64Array(1);
const bitHalves = new Int32Array(numberBits.buffer);

/**
 * A 53-bit hash of what a row says, kept beside it: whether a row would be written as it is stored is then known from
 * eight bytes, without reading two kilobytes of reasons and without asking the server. Two different contents of one point
 * agree once in 10^16 times. The mixing is MurmurHash3's (Appleby, public domain), over two lanes with different seeds.
 */
export class ContentDigest {
  private low = 0x2545f491;
  private high = 0x6c8e9cf5;

  number(value: number): this {
    numberBits[0] = value;
    this.mix(bitHalves[0]);
    this.mix(bitHalves[1]);
    return this;
  }

  boolean(value: boolean): this {
    this.mix(value ? 1 : 2);
    return this;
  }

  /** Null is something else than the empty text. */
  text(value: string | null): this {
    if (value === null) this.mix(-1);
    else {
      this.mix(value.length);
      for (let i = 0; i < value.length; i++) this.mix(value.charCodeAt(i));
    }
    return this;
  }

  /** What the fields of plain data hold, in their order; their names, which the code gives, are left out. */
  fields(record: object): this {
    const fields = record as Readonly<Record<string, unknown>>;
    for (const name in fields) this.data(fields[name]);
    return this;
  }

  private data(value: unknown): void {
    if (typeof value === 'number') this.number(value);
    else if (typeof value === 'boolean') this.boolean(value);
    else if (value === null || typeof value === 'string') this.text(value);
    else if (Array.isArray(value)) {
      this.mix(value.length);
      for (const item of value) this.data(item);
    } else this.fields(value as object);
  }

  /** A safe integer, 0 or more. */
  value(): number {
    return (finish(this.high) >>> 11) * 4_294_967_296 + (finish(this.low) >>> 0);
  }

  private mix(word: number): void {
    this.low = step(this.low, Math.imul(word, 0xcc9e2d51));
    this.high = step(this.high, Math.imul(word ^ 0x5bd1e995, 0x85ebca6b));
  }
}

function step(lane: number, word: number): number {
  const mixed = lane ^ Math.imul((word << 15) | (word >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(lane: number): number {
  let bits = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
