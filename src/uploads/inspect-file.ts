import { RefusedError, UsageError } from '../config/errors.js';
import { parseZone } from '../grid/domain/time-zone.js';
import { GIVEN_NOTE } from './domain/intake-counts.js';
import type { UploadOptions } from './domain/upload-options.js';
import type { DecodeContext, FoundItem, FoundProblem, FoundTime } from './formats/format.js';
import { statFile } from './local-file.js';
import { recogniseFile, type RecognisedSource } from './formats/recognise.js';

const MOST_ROWS = 10;
const MOST_PROBLEMS = 20;
const MOST_PARTS = 50;
/** Points counted one by one; of a larger file the rest is counted together. */
const MOST_POINTS = 1_000_000;
const POINTS_SHOWN = 20;

/** What a file holds, without a database and without storing anything. */
export interface Inspection {
  readonly file: string;
  readonly bytes: number;
  readonly packing: string;
  /** The file itself, or the members of an archive (the first of them). */
  readonly parts: readonly InspectedPart[];
  readonly parts_total: number;
  readonly first_rows: readonly Readonly<Record<string, unknown>>[];
  readonly time_span: { readonly from: string; readonly to: string } | null;
  readonly interval_minutes: readonly number[];
  readonly totals: InspectedTotals;
  /** Of most energy, then of most values. */
  readonly points: readonly { readonly point: string; readonly values: number; readonly kwh: number }[];
  readonly problems: {
    readonly count: number;
    readonly by_reason: Readonly<Record<string, number>>;
    readonly first: readonly Readonly<Record<string, unknown>>[];
  };
}

interface InspectedPart {
  readonly member: string;
  readonly format: string | null;
  readonly title: Readonly<Record<'ru' | 'en', string>> | null;
  readonly kind: string | null;
  readonly recognised: string | null;
  readonly assumed: readonly string[];
  /** Why it is not read; null when it is. */
  readonly refusal: string | null;
}

interface InspectedTotals {
  points: number;
  values: number;
  missing: number;
  import_kwh: number;
  export_kwh: number;
  registers: number;
  events: number;
  registry_rows: number;
  point_codes: number;
}

/** @throws UsageError no such file, or no such zone. */
export async function inspectFile(
  path: string,
  zoneName: string | null,
  now: Date,
  options: UploadOptions = {},
): Promise<Inspection> {
  const found = await statFile(path);
  const zone = zoneName === null ? null : parseZone(zoneName);
  if (zoneName !== null && zone === null)
    throw new UsageError(`${JSON.stringify(zoneName)} is no time zone.`);
  const file = await recogniseFile(path, options);
  try {
    const look = new Look();
    const parts: InspectedPart[] = [];
    for (const part of file.parts) {
      const refusal = await inspectPart(part, { zone, receivedAt: now, options }, look);
      if (parts.length < MOST_PARTS) parts.push(describe(part, refusal, look.takeAssumed()));
    }
    return {
      file: path,
      bytes: found.size,
      packing: file.packing,
      parts,
      parts_total: file.parts.length,
      ...look.result(),
    };
  } finally {
    file.close();
  }
}

async function inspectPart(
  { format, recognition, refusal, source }: RecognisedSource,
  context: DecodeContext,
  look: Look,
): Promise<string | null> {
  if (format === null || recognition === null) return refusal ?? UNKNOWN;
  try {
    for await (const items of format.decode(source, context))
      for (const item of items) look.add(item, source.member);
    return null;
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
}

const UNKNOWN = 'The file is of no format that is read; docs/formats.md lists them.';

function describe(
  { format, recognition, source }: RecognisedSource,
  refusal: string | null,
  assumed: readonly string[],
): InspectedPart {
  return {
    member: source.member,
    format: format?.name ?? null,
    title: format?.title ?? null,
    kind: recognition?.kind ?? null,
    recognised: recognition?.recognised ?? null,
    assumed: [...(recognition?.assumed ?? []), ...assumed],
    refusal,
  };
}

/** Adds up what is decoded. */
class Look {
  private readonly rows: Record<string, unknown>[] = [];
  private readonly points = new Map<string, { values: number; wh: number }>();
  private morePoints = 0;
  private readonly intervals = new Set<number>();
  private readonly span = { first: Infinity, last: -Infinity, isLocal: false };
  private readonly problems: Record<string, unknown>[] = [];
  private readonly byReason: Record<string, number> = {};
  private problemCount = 0;
  private assumed = new Set<string>();
  private readonly totals: InspectedTotals = {
    points: 0,
    values: 0,
    missing: 0,
    import_kwh: 0,
    export_kwh: 0,
    registers: 0,
    events: 0,
    registry_rows: 0,
    point_codes: 0,
  };

  add(item: FoundItem, member: string): void {
    const { totals } = this;
    switch (item.kind) {
      case 'intervals': {
        this.intervals.add(item.intervalMinutes);
        if (item.channel === 'export') this.assumed.add(GIVEN_NOTE);
        let wh = 0;
        let values = 0;
        for (let at = 0; at < item.wh.length; at++) {
          if (Number.isNaN(item.wh[at])) continue;
          wh += item.wh[at];
          values++;
          this.row({
            point: item.point,
            channel: item.channel,
            start: shownTime(item.start, at * item.intervalMinutes),
            minutes: item.intervalMinutes,
            kwh: rounded(item.wh[at]),
            quality: item.quality?.[at] ?? 0,
          });
        }
        totals.values += values;
        totals.missing += item.wh.length - values;
        totals[item.channel === 'import' ? 'import_kwh' : 'export_kwh'] += wh / 1000;
        this.spanOf(item.start, 0);
        this.spanOf(item.start, item.wh.length * item.intervalMinutes);
        this.pointOf(item.point, values, item.channel === 'import' ? wh : 0);
        return;
      }
      case 'register': {
        totals.registers++;
        const { point, serial, zone, kwh, ctRatio, quality } = item;
        this.row({
          point,
          serial,
          zone,
          at: shownTime(item.at, 0),
          register_kwh: kwh,
          ct_ratio: ctRatio,
          quality,
        });
        this.spanOf(item.at, 0);
        this.pointOf(point, 1, 0);
        return;
      }
      case 'event': {
        totals.events++;
        const { point, journal, code } = item;
        this.row({ point, at: shownTime(item.at, 0), journal, code });
        this.spanOf(item.at, 0);
        this.pointOf(point, 1, 0);
        return;
      }
      case 'registry-row':
        totals.registry_rows++;
        // Whose household it is stays out of what is printed and passed on.
        this.row({ ...item.row, identity: undefined, territory: item.row.territory.code });
        this.pointOf(item.row.meteringPoint, 0, 0);
        return;
      case 'point-code':
        totals.point_codes++;
        this.row({ point_code: item.code, of: item.of, point: item.point });
        return;
      case 'message': {
        const { family, sender, number, createdAt, period } = item;
        this.row({ message: family, sender, number, created_at: createdAt, period });
        return;
      }
      case 'problem':
        this.problem(item, member);
        return;
      case 'assumed':
        this.assumed.add(item.sentence);
        return;
    }
  }

  takeAssumed(): readonly string[] {
    const assumed = [...this.assumed];
    this.assumed = new Set();
    return assumed;
  }

  result(): Omit<Inspection, 'file' | 'bytes' | 'packing' | 'parts' | 'parts_total'> {
    const { first, last, isLocal } = this.span;
    const points = [...this.points].sort(([, a], [, b]) => b.wh - a.wh || b.values - a.values);
    return {
      first_rows: this.rows,
      time_span:
        first > last ? null : { from: shownMinutes(first, isLocal), to: shownMinutes(last, isLocal) },
      interval_minutes: [...this.intervals].sort((a, b) => a - b),
      totals: {
        ...this.totals,
        points: this.points.size + this.morePoints,
        import_kwh: rounded(this.totals.import_kwh * 1000),
        export_kwh: rounded(this.totals.export_kwh * 1000),
      },
      points: points
        .slice(0, POINTS_SHOWN)
        .map(([point, { values, wh }]) => ({ point, values, kwh: rounded(wh) })),
      problems: { count: this.problemCount, by_reason: this.byReason, first: this.problems },
    };
  }

  private row(row: Record<string, unknown>): void {
    if (this.rows.length < MOST_ROWS) this.rows.push(row);
  }

  private problem({ place, field, reason, detail, raw }: FoundProblem, member: string): void {
    this.problemCount++;
    this.byReason[reason] = (this.byReason[reason] ?? 0) + 1;
    if (this.problems.length >= MOST_PROBLEMS) return;
    const { line, path } = place;
    this.problems.push({ ...(member === '' ? {} : { member }), line, path, field, reason, detail, raw });
  }

  private pointOf(point: string, values: number, wh: number): void {
    const known = this.points.get(point);
    if (known !== undefined) {
      known.values += values;
      known.wh += wh;
    } else if (this.points.size < MOST_POINTS) this.points.set(point, { values, wh });
    else this.morePoints++;
  }

  private spanOf(time: FoundTime, later: number): void {
    const { span } = this;
    const isLocal = !('utcMs' in time);
    const minutes = ('utcMs' in time ? time.utcMs / 60_000 : time.localMinutes) + later;
    span.isLocal ||= isLocal;
    span.first = Math.min(span.first, minutes);
    span.last = Math.max(span.last, minutes);
  }
}

function shownTime(time: FoundTime, later: number): string {
  const isLocal = !('utcMs' in time);
  return shownMinutes(('utcMs' in time ? time.utcMs / 60_000 : time.localMinutes) + later, isLocal);
}

/** `2026-03-01T00:00Z`; without the Z when it is a wall clock's. */
function shownMinutes(minutes: number, isLocal: boolean): string {
  const date = new Date(minutes * 60_000);
  if (Number.isNaN(date.getTime())) return '–';
  const seconds = minutes % 1 === 0 ? 16 : 19;
  return `${date.toISOString().slice(0, seconds)}${isLocal ? '' : 'Z'}`;
}

function rounded(wh: number): number {
  return Math.round(wh) / 1000;
}
