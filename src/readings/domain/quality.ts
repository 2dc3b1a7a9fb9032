/** Quality of one interval, one byte in `load_profile.quality`; an empty column means that every interval is actual. */
export const QUALITY = { actual: 0, estimated: 1, substituted: 2, questionable: 3 } as const;

export type QualityName = keyof typeof QUALITY;

/** Whether an interval of this quality was reckoned and not measured. A questionable one was measured. */
export function isEstimate(code: number): boolean {
  return code === QUALITY.estimated || code === QUALITY.substituted;
}
