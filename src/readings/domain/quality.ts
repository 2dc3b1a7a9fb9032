/** Quality of one interval, one byte in `load_profile.quality`; an empty column means that every interval is actual. */
export const QUALITY = { actual: 0, estimated: 1, substituted: 2, questionable: 3 } as const;

export type QualityName = keyof typeof QUALITY;
