/** Bytes that stand in line after line. */
export class RepeatedBytes {
  /** −1: none yet. */
  length = -1;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(most: number) {
    this.bytes = new Uint8Array(most);
    this.view = new DataView(this.bytes.buffer);
  }

  take(bytes: Uint8Array, from: number, to: number): void {
    this.length = to - from;
    for (let i = 0; i < this.length; i++) this.bytes[i] = bytes[from + i];
  }

  /** Whether they stand at `at`, where there must be room for them. */
  stands(view: DataView, at: number): boolean {
    const { length, view: own } = this;
    let i = 0;
    for (; i + 4 <= length; i += 4) if (view.getInt32(at + i) !== own.getInt32(i)) return false;
    for (; i < length; i++) if (view.getUint8(at + i) !== own.getUint8(i)) return false;
    return length >= 0;
  }
}
