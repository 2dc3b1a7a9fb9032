/**
 * Of which upload `u` the same bytes, read alike, are the same again: $1 utility, $2 kind or null for any, $3 SHA-256, $4 zone,
 * $5 options.
 */
export const KNOWN_UPLOAD = `utility_id = $1 and kind = coalesce($2, kind) and sha256 = $3
  and zone is not distinct from $4 and options @> $5 and status <> 'failed' and file_dropped_at is null
  and (kind <> 'registry' or not exists (
    select from upload later
    where later.utility_id = $1 and later.kind = 'registry' and later.id > u.id and later.status <> 'refused'))`;
