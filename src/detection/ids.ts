/** metering_point_ids, ascending. */
export type Ids = readonly number[] | Int32Array;

/** A range when most of it is wanted (one index scan per partition), else the list. */
export function idsCondition(ids: Ids, column = 'metering_point_id'): string {
  const first = ids[0];
  const last = ids[ids.length - 1];
  if (last - first < ids.length * 2) return `${column} between ${first} and ${last}`;
  return `${column} = any('{${ids.join(',')}}'::integer[])`;
}
