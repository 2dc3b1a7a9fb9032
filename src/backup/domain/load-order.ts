/** A foreign key: rows of `table` point at rows of `target`. */
export interface Reference {
  readonly table: string;
  readonly target: string;
}

/**
 * The tables in an order in which each comes after those that it points at, so that it can be filled. A table may point at
 * itself. Throws where tables point at each other in a circle.
 */
export function loadOrder(tables: readonly string[], references: readonly Reference[]): string[] {
  const ordered: string[] = [];
  let waiting = [...tables];
  while (waiting.length > 0) {
    const isReady = (table: string): boolean =>
      references.every((one) => one.table !== table || one.target === table || !waiting.includes(one.target));
    const ready = waiting.filter(isReady);
    if (ready.length === 0) throw new Error(`tables that point at each other: ${waiting.join(', ')}`);
    ordered.push(...ready);
    waiting = waiting.filter((table) => !ready.includes(table));
  }
  return ordered;
}
