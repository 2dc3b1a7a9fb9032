import { isLoopback } from '../../config/domain/loopback.js';

/** What a browser says of where a request comes from; other clients say nothing of it. */
export interface RequestOrigin {
  /** Sec-Fetch-Site, which no page can forge. */
  readonly site: string | undefined;
  /** Origin, from browsers that are too old for the former. */
  readonly origin: string | undefined;
  readonly host: string | undefined;
}

/** Whether a page that is not ours made a request that writes. */
export function isForeignPage({ site, origin, host }: RequestOrigin): boolean {
  if (site !== undefined) return site !== 'same-origin';
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

/** The cookie's value; undefined when the header does not have it. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/**
 * Whether a browser that shows this name in its address bar speaks to its own machine, without TLS: then nothing crosses a
 * network. Another client may say what it likes, about cookies that are its own.
 */
export function isPlainLoopback(way: {
  readonly hostname: string | undefined;
  readonly isEncrypted: boolean;
  /** A proxy says what the request was before it: then it came from somewhere else. */
  readonly isForwarded: boolean;
}): boolean {
  return !way.isEncrypted && !way.isForwarded && isLoopback(way.hostname);
}
