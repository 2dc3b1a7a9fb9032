import type {
  FoundIntervals,
  FoundItem,
  FoundProblem,
  Format,
  Source,
} from '../../../src/uploads/formats/format.js';
import { FORMATS } from '../../../src/uploads/formats/index.js';
import { headOf } from '../../../src/uploads/formats/sources.js';

/** A source of bytes in memory, given out in pieces of `pieceBytes`. */
export function sourceOf(content: string | Buffer, pieceBytes = 1 << 20): Source {
  const bytes = Buffer.from(content as string);
  return {
    member: '',
    file: null,
    chunks: async function* () {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
    },
  };
}

/** The format that takes the content, and what it says; null: none. */
export async function recognised(
  content: string | Buffer,
): Promise<{ format: Format; found: object } | null> {
  const source = sourceOf(content);
  for (const format of FORMATS) {
    const found = await format.recognise(await headOf(source), source);
    if (found !== null) return { format, found };
  }
  return null;
}

/** Everything that the recognised format decodes. */
export async function decoded(content: string | Buffer, pieceBytes?: number): Promise<FoundItem[]> {
  const { format } = (await recognised(content))!;
  const all: FoundItem[] = [];
  const context = { zone: null, receivedAt: new Date('2026-06-01T00:00:00Z') };
  for await (const items of format.decode(sourceOf(content, pieceBytes), context)) all.push(...items);
  return all;
}

export function intervalsOf(items: readonly FoundItem[]): FoundIntervals[] {
  return items.filter((item): item is FoundIntervals => item.kind === 'intervals');
}

export function problemsOf(items: readonly FoundItem[]): FoundProblem[] {
  return items.filter((item): item is FoundProblem => item.kind === 'problem');
}

/** Starts in ISO, local ones without a Z, with the energies in kWh. */
export function shown({ point, channel, start, intervalMinutes, wh }: FoundIntervals): object {
  const at = 'utcMs' in start ? start.utcMs : start.localMinutes * 60_000;
  const from = new Date(at).toISOString().slice(0, 16) + ('utcMs' in start ? 'Z' : '');
  const kwh = [...wh].map((each) => (Number.isNaN(each) ? null : Math.round(each) / 1000));
  return { point, channel, from, minutes: intervalMinutes, kwh };
}
