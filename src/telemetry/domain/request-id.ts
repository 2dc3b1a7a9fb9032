/** Of whoever came before us (a proxy, a caller): short, and nothing in it that could speak for us in a log. */
const SANE = /^[0-9A-Za-z][\w.:-]{7,63}$/;

/** The request's own id where it brings a sane one, so that one id is found in every log on its way; else null. */
export function saneRequestId(header: string | readonly string[] | undefined): string | null {
  return typeof header === 'string' && SANE.test(header) ? header : null;
}
