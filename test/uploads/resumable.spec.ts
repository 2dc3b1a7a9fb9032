import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Upload } from 'tus-js-client';
import type { Receipt } from '../../src/uploads/receipt.js';
import { mintKey, withKey } from '../support/access.js';
import { testService, type TestService } from '../support/http-app.js';
import { eventually } from '../support/process.js';

const ENDED = ['loaded', 'refused', 'failed', 'held'];
let service: TestService;
let key: string;
beforeAll(async () => {
  service = await testService();
  key = await mintKey(service.database, 'utility');
  const registry = 'metering_point,territory\nA,RU-IRK\n';
  const { body } = await api()
    .post('/api/v1/uploads?kind=registry')
    .type('text/csv')
    .send(registry)
    .expect(202);
  await ended(body.id);
});
afterAll(() => service.close());

const api = () => withKey(service.app, key);
const PATH = '/api/v1/resumable-uploads';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function ended(id: number): Promise<Receipt> {
  let receipt: Receipt | null = null;
  await eventually(async () => {
    receipt = (await api().get(`/api/v1/uploads/${id}`).expect(200)).body as Receipt;
    return ENDED.includes(receipt.status);
  }, 60_000);
  return receipt!;
}

/** A month of A, every hour. */
function month(number: number, kwh = 0.5): string {
  const lines = ['metering_point,start,kwh'];
  for (let at = Date.UTC(2026, number - 1, 1); at < Date.UTC(2026, number, 1); at += 3_600_000)
    lines.push(
      `A,${new Date(at).toISOString().slice(0, 16)},${(kwh + ((at / 3_600_000) % 7) / 10).toFixed(1)}`,
    );
  return `${lines.join('\n')}\n`;
}

/** Sends by a tus client, in pieces; answers the address of the upload it became. */
function sendResumably(text: string, metadata: Record<string, string>, asKey = key): Promise<string> {
  return new Promise((resolve, reject) => {
    let became = '';
    const upload = new Upload(Buffer.from(text), {
      endpoint: `${service.url}${PATH}`,
      headers: { authorization: `Bearer ${asKey}` },
      metadata,
      chunkSize: 5000,
      retryDelays: [0, 50],
      onAfterResponse: (_request, response) => {
        became = response.getHeader('gridwarden-upload') ?? became;
      },
      onSuccess: () => resolve(became),
      onError: reject,
    });
    upload.start();
  });
}

const encoded = (metadata: Record<string, string>) =>
  Object.entries(metadata)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',');

/** Begins an upload by hand; answers its address. */
async function begin(bytes: number, metadata: Record<string, string>): Promise<string> {
  const created = await api()
    .post(PATH)
    .set({ 'tus-resumable': '1.0.0', 'upload-length': String(bytes), 'upload-metadata': encoded(metadata) })
    .expect(201);
  return created.headers.location;
}

function patch(location: string, offset: number, body: string) {
  return api()
    .patch(location)
    .set({
      'tus-resumable': '1.0.0',
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    })
    .send(Buffer.from(body));
}
const head = (location: string, asKey = key) =>
  withKey(service.app, asKey).head(location).set('tus-resumable', '1.0.0');

describe('resumable uploads', () => {
  it('takes a file in pieces from a tus client, and it becomes an upload like any other', async () => {
    const text = month(1);
    const address = await sendResumably(text, { filename: 'january.csv', sha256: sha256(text) });
    const receipt = await ended(Number(address.split('/').at(-1)));
    expect(receipt).toMatchObject({
      status: 'loaded',
      filename: 'january.csv',
      sha256: sha256(text),
      counts: { accepted: 744 },
    });
    // The same bytes in one piece find it.
    const again = await api().put('/api/v1/uploads').type('text/csv').send(text).expect(200);
    expect(again.body.id).toBe(receipt.id);
  });

  it('goes on after a break where the service has it', async () => {
    const text = month(2);
    const location = await begin(text.length, { filename: 'february.csv' });
    await patch(location, 0, text.slice(0, 4000)).expect(204);
    expect((await head(location).expect(200)).headers['upload-offset']).toBe('4000');
    // Not from somewhere else: a gap would be read as a file.
    await patch(location, 4001, text.slice(4001)).expect(409);
    const last = await patch(location, 4000, text.slice(4000)).expect(204);
    expect(await ended(Number(last.headers['gridwarden-upload'].split('/').at(-1)))).toMatchObject({
      status: 'loaded',
      counts: { accepted: 672 },
    });
    expect((await head(location).expect(200)).headers['upload-offset']).toBe(String(text.length));
  });

  it('refuses what arrives with another hash, whichever way it comes, and keeps nothing of it', async () => {
    const text = month(3);
    const location = await begin(text.length, { sha256: sha256(`${text}x`) });
    const refused = await patch(location, 0, text).expect(460);
    expect(refused.text).toContain(sha256(text));
    await head(location).expect(404);
    const digest = createHash('sha256').update('other').digest('base64');
    const single = await api()
      .post('/api/v1/uploads')
      .set('content-digest', `sha-256=:${digest}:`)
      .type('text/csv')
      .send(text)
      .expect(422);
    expect(single.body.detail).toContain('send it again');
    expect(await uploads(text)).toBe(0);
    const right = createHash('sha256').update(text).digest('base64');
    await api()
      .post('/api/v1/uploads')
      .set('content-digest', `sha-256=:${right}:`)
      .type('text/csv')
      .send(text)
      .expect(202);
  });

  it('makes an upload of a file whose last answer was lost, when its client asks', async () => {
    const text = month(4);
    const location = await begin(text.length, { filename: 'april.csv' });
    await patch(location, 0, text.slice(0, 100)).expect(204);
    // As if we had been killed between the last byte and the upload's row.
    const { appendFile } = await import('node:fs/promises');
    const id = new URL(location, 'http://x').searchParams.get('id')!;
    const folder = join(service.config.dataDir, 'spool', 'pieces');
    await appendFile(join(folder, id), text.slice(100));
    expect(await uploads(text)).toBe(0);
    expect((await head(location).expect(200)).headers['upload-offset']).toBe(String(text.length));
    expect(await uploads(text)).toBe(1);
    await head(location).expect(200);
    expect(await uploads(text)).toBe(1);
  });

  it('shows nobody another utility’s upload', async () => {
    const location = await begin(10, { filename: 'x.csv' });
    const other = await mintKey(service.database, 'utility', 'other');
    await head(location, other).expect(404);
    await head(location.replace(/u\d+\./, 'u999.')).expect(404);
    await head(`${PATH}?id=..%2F..%2Fx`).expect(404);
    await api().delete(location).set('tus-resumable', '1.0.0').expect(204);
    expect(
      (await readdir(join(service.config.dataDir, 'spool', 'pieces'))).some((name) =>
        location.includes(name),
      ),
    ).toBe(false);
  });
});

describe('the same request again', () => {
  it('answers a key with its first upload, and refuses it for another file', async () => {
    const send = (text: string, query = '') =>
      api().post(`/api/v1/uploads${query}`).set('idempotency-key', 'night-1').type('text/csv').send(text);
    const first = await send(month(5)).expect(202);
    const again = await send(month(5)).expect(200);
    expect(again.body.id).toBe(first.body.id);
    const other = await send(month(6)).expect(422);
    expect(other.body.detail).toContain('"night-1" named another request');
    await send(month(5), '?unit=Wh').expect(422);
    expect(await uploads(month(6))).toBe(0);
    // Another utility's key of the same name is another key.
    const theirs = withKey(service.app, await mintKey(service.database, 'utility', 'other'));
    await theirs
      .post('/api/v1/uploads')
      .set('idempotency-key', 'night-1')
      .type('text/csv')
      .send(month(6))
      .expect(202);
    await api().post('/api/v1/uploads').set('idempotency-key', 'a b').send('x').expect(400);
  });

  it('imports one file that 64 clients send at once, once', async () => {
    const text = month(7);
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, at) =>
        api()
          .post('/api/v1/uploads')
          .set('idempotency-key', `same-${at % 2}`)
          .type('text/csv')
          .send(text),
      ),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(63);
    const receipt = await ended(answers[0].body.id);
    expect(receipt.counts).toMatchObject({ accepted: 744, stored: { created: 31, changed: 0 } });
    expect(await uploads(text)).toBe(1);
  });
});

async function uploads(text: string): Promise<number> {
  const [{ count }] = await service.database.dataSource.query(
    'select count(*)::int as count from upload where sha256 = $1',
    [sha256(text)],
  );
  return count;
}
