/** Values of a query that is put together piece by piece; each piece gets the placeholder to write. */
export class QueryParams {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
