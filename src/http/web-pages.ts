import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { projectRoot } from '../config/project-root.js';

/** Where vite puts the pages. */
const BUILT = path.join(projectRoot, 'web', 'dist');
/** Addresses of the service itself; whatever else a browser asks for is a page, which finds its own way from the address. */
const NO_PAGE = /^\/(api|metrics|healthz|readyz|welcome)(\/|$)/;
/** Vite puts a hash of the content into these names: under one of them there is never anything else. */
const HASHED = /^\/assets\//;
/** Scripts and styles of ours, requests to us, photographs of visits, and nothing else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const ENCODINGS = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  /** As the build compressed it, by the encoding's name. */
  readonly compressed: ReadonlyMap<string, Buffer>;
}

/** Serves the built pages from memory: they are small, and so is the list of names that exist. */
export function webPages(folder = BUILT): RequestHandler {
  const files = readFiles(folder);
  return (request: Request, response: Response, next: NextFunction): void => {
    if ((request.method !== 'GET' && request.method !== 'HEAD') || NO_PAGE.test(request.path)) return next();
    const file = files.get(request.path) ?? (wantsPage(request) ? files.get('/index.html') : undefined);
    if (file === undefined) return next();
    response.set({
      'content-type': file.type,
      'content-security-policy': POLICY,
      'cache-control': HASHED.test(request.path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
    });
    if (!HASHED.test(request.path)) response.set('etag', file.etag);
    send(request, response, file);
  };
}

function send(request: Request, response: Response, file: PageFile): void {
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  const encoding = ENCODINGS.find(
    ({ name }) => file.compressed.has(name) && request.acceptsEncodings(name) === name,
  );
  if (encoding) response.set('content-encoding', encoding.name);
  const body = encoding ? file.compressed.get(encoding.name)! : file.plain;
  response.set('content-length', String(body.length)).end(request.method === 'HEAD' ? undefined : body);
}

/** A person's browser, going to an address; not a program that mistyped one. */
function wantsPage({ headers, path: asked }: Request): boolean {
  return (headers.accept ?? '').includes('text/html') && path.extname(asked) === '';
}

function readFiles(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  // A service without pages still takes uploads; only a build that was left out leads here.
  if (!existsSync(folder)) return files;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const type = TYPES[path.extname(name)];
    if (type === undefined) continue;
    const file = path.join(folder, name);
    const plain = readFileSync(file);
    const compressed = ENCODINGS.filter(({ ending }) => existsSync(file + ending)).map(
      ({ name: encoding, ending }) => [encoding, readFileSync(file + ending)] as const,
    );
    files.set(`/${name.split(path.sep).join('/')}`, {
      type,
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      plain,
      compressed: new Map(compressed),
    });
  }
  return files;
}
