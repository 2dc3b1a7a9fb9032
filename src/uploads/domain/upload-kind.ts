export const UPLOAD_KINDS = [
  'registry',
  'readings',
  'transformer-readings',
  'weather',
  'registers',
  'events',
  'point-codes',
] as const;
export type UploadKind = (typeof UPLOAD_KINDS)[number];
