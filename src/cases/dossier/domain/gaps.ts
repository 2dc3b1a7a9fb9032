/** Days `[from, to)`, ISO dates. */
export interface Gap {
  readonly from: string;
  readonly to: string;
}

/**
 * The stretches of `[from, to)` that hold no complete day.
 * @param whole days that are complete, ascending
 */
export function gapsIn(
  { from, to }: { readonly from: number; readonly to: number },
  whole: readonly number[],
): { readonly from: number; readonly to: number }[] {
  const edges = [...whole.filter((day) => day >= from && day < to), to];
  let start = from;
  return edges.flatMap((day) => {
    const gap = day > start ? [{ from: start, to: day }] : [];
    start = day + 1;
    return gap;
  });
}
