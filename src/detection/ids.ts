/** metering_point_ids, ascending. */
export type Ids = readonly number[] | Int32Array;

/** A range when most of it is wanted (one index scan per partition), else the list. */
export function idsCondition(ids: Ids, column = 'metering_point_id'): string {
  const first = ids[0];
  const last = ids[ids.length - 1];
  if (last - first < ids.length * 2) return `${column} between ${first} and ${last}`;
  return `${column} = any('{${ids.join(',')}}'::integer[])`;
}

/**
 * The points of a list in any order, few of those between its ends: the range keeps the planner, which knows nothing of a table that is
 * being filled, from reading all of it.
 */
export function amongPoints(points: readonly { readonly meteringPointId: number }[]): string {
  const ids = points.map(({ meteringPointId }) => meteringPointId).sort((a, b) => a - b);
  const column = 'metering_point_id';
  return `${column} between ${ids[0]} and ${ids[ids.length - 1]} and ${column} = any('{${ids.join(',')}}'::integer[])`;
}
