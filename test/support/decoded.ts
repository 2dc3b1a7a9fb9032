import fc from 'fast-check';
import { RefusedError } from '../../src/config/errors.js';
import { parseZone } from '../../src/grid/domain/time-zone.js';
import type { UploadOptions } from '../../src/uploads/domain/upload-options.js';
import type {
  FoundIntervals,
  FoundItem,
  FoundProblem,
  Format,
  Head,
  Recognised,
  Source,
} from '../../src/uploads/formats/format.js';
import { HEAD_BYTES } from '../../src/uploads/formats/format.js';

export interface Decoded {
  readonly items: readonly FoundItem[];
  readonly intervals: readonly FoundIntervals[];
  readonly problems: readonly FoundProblem[];
  readonly assumed: readonly string[];
  /** Sum of what is present, by `point channel`, in Wh. */
  readonly totalsWh: Readonly<Record<string, number>>;
}

/** Bytes as a decoder meets them, in chunks of `chunkBytes` to cut lines and characters anywhere. */
export function sourceOf(bytes: Buffer, chunkBytes = 1 << 16, path: string | null = null): Source {
  return {
    member: '',
    file: path === null ? null : { path, bytes: bytes.length },
    chunks: async function* () {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
  };
}

export function headOfBytes(bytes: Buffer): Head {
  const container = bytes.toString('latin1', 0, 4) === 'PK\x03\x04' ? 'workbook' : 'plain';
  return { bytes: bytes.subarray(0, HEAD_BYTES), isWhole: bytes.length <= HEAD_BYTES, container };
}

export async function recognisedBy(
  format: Format,
  bytes: Buffer,
  path: string | null = null,
  options?: UploadOptions,
): Promise<Recognised | null> {
  return format.recognise(headOfBytes(bytes), sourceOf(bytes, 1 << 16, path), options);
}

export interface DecodeSettings {
  readonly chunkBytes?: number;
  readonly zone?: string;
  readonly path?: string;
  readonly options?: UploadOptions;
}

export async function decoded(
  format: Format,
  input: Buffer | string,
  { chunkBytes, zone, path, options }: DecodeSettings = {},
): Promise<Decoded> {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  const context = {
    zone: zone === undefined ? null : parseZone(zone),
    receivedAt: new Date('2026-01-01T00:00:00Z'),
    options,
  };
  const items: FoundItem[] = [];
  for await (const some of format.decode(sourceOf(bytes, chunkBytes, path ?? null), context))
    items.push(...some);
  const totalsWh: Record<string, number> = {};
  const intervals = items.filter((item) => item.kind === 'intervals');
  for (const { point, channel, wh } of intervals) {
    const key = `${point} ${channel}`;
    totalsWh[key] = wh.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), totalsWh[key] ?? 0);
  }
  for (const key of Object.keys(totalsWh)) totalsWh[key] = Math.round(totalsWh[key]);
  return {
    items,
    intervals,
    problems: items.filter((item) => item.kind === 'problem'),
    assumed: items.flatMap((item) => (item.kind === 'assumed' ? [item.sentence] : [])),
    totalsWh,
  };
}

/** A file with some of its bytes overwritten, cut out or doubled. */
export function damaged(sample: Buffer): fc.Arbitrary<Buffer> {
  const edit = fc.record({
    at: fc.nat(Math.max(0, sample.length - 1)),
    cut: fc.nat(40),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(...['\n', ',', ';', '"', '\t', '-', '.', '0', '9e99', '\0', '24:00', '=""', '\ufeff'])
        .map((text) => Buffer.from(text)),
    ),
  });
  return fc.array(edit, { minLength: 1, maxLength: 6 }).map((edits) => {
    let bytes = sample;
    for (const { at, cut, put } of edits)
      bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
    return bytes;
  });
}

/** Whatever a file holds, its decoder ends, refuses in a sentence, and tells of each problem where it stands. */
export async function survivesDamage(format: Format, sample: Buffer, runs = 60): Promise<void> {
  await fc.assert(
    fc.asyncProperty(damaged(sample), fc.integer({ min: 1, max: 4_000 }), async (bytes, chunkBytes) => {
      try {
        const recognised = await recognisedBy(format, bytes);
        if (recognised === null || 'declined' in recognised) return;
        const { problems, intervals } = await decoded(format, bytes, {
          chunkBytes: Math.max(chunkBytes, 64),
        });
        for (const { place, detail } of problems) {
          expect(place.line > 0 || place.path !== '').toBe(true);
          expect(detail.length).toBeGreaterThan(10);
        }
        for (const { intervalMinutes, wh } of intervals) {
          expect(intervalMinutes).toBeGreaterThan(0);
          expect(wh.length).toBeGreaterThan(0);
        }
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        expect(error.message).toMatch(/[.?]$/);
      }
    }),
    { numRuns: runs },
  );
}
