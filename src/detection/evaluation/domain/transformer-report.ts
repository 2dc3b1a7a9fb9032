import { wilson, type Interval } from './intervals.js';
import { rocAuc } from './ranking-metrics.js';

/** A transformer with a balance meter, as it was scored. */
export interface JudgedTransformer {
  readonly id: string;
  readonly score: number;
  readonly flagged: boolean;
}

/** A metering point that mines past its meter, wholly or in part. */
export interface BypassedPoint {
  readonly isFull: boolean;
  /** By the registry; null when it is not in it. */
  readonly transformer: string | null;
  /** Its place among the suspects of its transformer, 1 = first; null when it is none. */
  readonly suspectRank: number | null;
}

export interface Share {
  readonly of: number;
  readonly hits: number;
  readonly share: number;
  readonly interval: Interval;
}

export interface TransformerReport {
  readonly transformers: number;
  readonly flagged: number;
  /** Full-bypass miners whose transformer is worthy of a case. */
  readonly fullBypass: Share;
  readonly partialBypass: Share;
  /** Transformers worthy of a case, of those under which nobody goes past the meter. */
  readonly falseAlarms: Share;
  /** Full-bypass miners under a flagged transformer that are among its first three suspects. */
  readonly topThree: Share;
  /** Of ranking transformers with a full bypass above those without any. */
  readonly rocAuc: number;
}

export function transformerReport(
  transformers: readonly JudgedTransformer[],
  bypassed: readonly BypassedPoint[],
): TransformerReport {
  const flagged = new Set(transformers.filter((each) => each.flagged).map(({ id }) => id));
  const isFound = ({ transformer }: BypassedPoint) => transformer !== null && flagged.has(transformer);
  const full = bypassed.filter(({ isFull }) => isFull);
  const partial = bypassed.filter(({ isFull }) => !isFull);
  const above = new Set(bypassed.map(({ transformer }) => transformer));
  const aboveFull = new Set(full.map(({ transformer }) => transformer));
  const clean = transformers.filter(({ id }) => !above.has(id));
  const found = full.filter(isFound);
  const ranked = transformers
    .filter(({ id }) => aboveFull.has(id) || !above.has(id))
    .map(({ id, score }) => ({ score, isMiner: aboveFull.has(id) }));
  return {
    transformers: transformers.length,
    flagged: flagged.size,
    fullBypass: shareOf(full, isFound),
    partialBypass: shareOf(partial, isFound),
    falseAlarms: shareOf(clean, ({ id }) => flagged.has(id)),
    topThree: shareOf(found, ({ suspectRank }) => suspectRank !== null && suspectRank <= 3),
    rocAuc: rocAuc(ranked),
  };
}

function shareOf<T>(all: readonly T[], isHit: (each: T) => boolean): Share {
  const hits = all.filter(isHit).length;
  return { of: all.length, hits, share: hits / all.length, interval: wilson(hits, all.length) };
}
