/** What a ReadingType entry says, in its own codes. */
export interface ReadingType {
  readonly uom: number;
  readonly powerOfTen: number;
  readonly flow: number;
  readonly accumulation: number;
  readonly intervalSeconds: number;
}

/** Thrown when a block's links lead to what stands further down. */
export const NO_LINKS: unknown = new Error('the links of a block are not known yet');

/** Feeds of a million homes come in parts; one with more entries is no feed. */
const MOST_ENTRIES = 5_000_000;

/** An entry of the feed with its links. */
export class Entry {
  kind: 'usagepoint' | 'meterreading' | 'readingtype' | undefined;
  type: ReadingType | null = null;
  self = '';
  up = '';
  readonly related: string[] = [];

  link(rel: string, href: string): void {
    // One feed may name a thing by its whole address and by the path alone.
    const path = href.replace(/^https?:\/\/[^/]+/, '');
    if (rel === 'self') this.self = path;
    else if (rel === 'up') this.up = path;
    else if (rel === 'related' && this.related.length < 100) this.related.push(path);
  }
}

/** The links of a feed: a block's way up to its meter reading, and from there to its type and its usage point. */
export class Links {
  isComplete = false;
  private readonly types = new Map<string, ReadingType>();
  /** Meter readings by their own address and by what they are related to. */
  private readonly meterReadings = new Map<string, Entry>();
  private readonly points = new Map<string, string>();
  private readonly entries = new Map<number, Entry>();
  private readonly delivered = new Set<string>();

  /** The entry of that number; the same one in a second pass, with all of its links. */
  entry(ordinal: number): Entry {
    const known = this.entries.get(ordinal);
    if (known !== undefined) return known;
    return new Entry();
  }

  close(entry: Entry): void {
    if (entry.type !== null && entry.self !== '') this.types.set(entry.self, entry.type);
    if (entry.kind === 'meterreading') {
      for (const href of [entry.self, ...entry.related]) if (href !== '') this.meterReadings.set(href, entry);
    } else if (entry.kind === 'usagepoint') {
      for (const href of [entry.self, ...entry.related])
        if (href !== '') this.points.set(href, pointName(entry.self));
    }
    if (this.entries.size < MOST_ENTRIES) this.entries.set(this.entries.size + 1, entry);
  }

  /** The type and the point of a block's entry; null: a link leads nowhere. */
  ofBlock(entry: Entry): { type: ReadingType; point: string; meterReading: string } | null {
    const meterReading =
      this.lookUp(this.meterReadings, entry.up) ?? this.lookUp(this.meterReadings, entry.self);
    if (meterReading === undefined) return null;
    const type = meterReading.related
      .map((href) => this.types.get(href))
      .find((found) => found !== undefined);
    const point = this.lookUp(this.points, meterReading.up) ?? this.lookUp(this.points, meterReading.self);
    if (type === undefined || point === undefined || point === '') return null;
    return { type, point, meterReading: meterReading.self };
  }

  /** Whether the point has readings of delivered energy; of a complete feed. */
  hasDelivered(point: string): boolean {
    if (this.delivered.size === 0) {
      for (const meterReading of new Set(this.meterReadings.values())) {
        const found = this.ofBlock(meterReading);
        if (found !== null && found.type.flow <= 1) this.delivered.add(found.point);
      }
    }
    return this.delivered.has(point);
  }

  /** By the address itself, or by the one it lies in: some feeds link blocks to the reading and not to its list. */
  private lookUp<T>(map: ReadonlyMap<string, T>, href: string): T | undefined {
    for (let at = href; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      const found = map.get(at);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** `UsagePoint/5446AF3F` → `5446AF3F`; `RetailCustomer/9b6c7063/UsagePoint/01` → `9b6c7063/01`. */
function pointName(href: string): string {
  const parts = href.split('/').filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  const customer = parts.at(-3);
  return last.length < 4 && customer !== undefined ? `${customer}/${last}` : last;
}
