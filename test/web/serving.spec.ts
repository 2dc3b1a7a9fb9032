import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { projectRoot } from '../../src/config/project-root.js';
import { testService, type TestService } from '../support/http-app.js';

const built = path.join(projectRoot, 'web', 'dist');
const assets = readdirSync(path.join(built, 'assets'));
/** What a first visit may weigh, compressed. */
const FIRST_LOAD_BYTES = 200_000;

let service: TestService;
const http = () => request(service.app.getHttpServer());

beforeAll(async () => {
  service = await testService();
});
afterAll(() => service.close());

describe('the pages are served', () => {
  test.each(['/', '/cases', '/cases/17', '/no/such/page'])(
    '%s to a browser, under a strict policy',
    async (address) => {
      const { status, headers, text } = await http().get(address).set('accept', 'text/html,*/*');
      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(text).toContain('<div id="app">');
      expect(headers['cache-control']).toBe('no-cache');
      const policy = headers['content-security-policy'];
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(text).not.toMatch(/<script(?![^>]* src=)|<style|style=|\son\w+=/);
    },
  );

  test.each(['/api/v1/nothing', '/metrics', '/cases.json', '/assets/none.js'])(
    '%s is no page',
    async (address) => {
      const { status, headers } = await http().get(address).set('accept', 'text/html');
      expect(status).toBeGreaterThanOrEqual(400);
      expect(headers['content-type']).toContain('problem+json');
    },
  );

  test('nothing but pages is given to a program', async () => {
    expect((await http().get('/cases')).status).toBe(404);
    expect((await http().post('/cases').set('accept', 'text/html')).status).toBe(404);
    expect((await http().get('/assets/../../package.json').set('accept', '*/*')).status).toBe(404);
  });

  test('an unchanged page is not sent again', async () => {
    const { headers } = await http().get('/').set('accept', 'text/html');
    const again = await http().get('/').set('accept', 'text/html').set('if-none-match', headers.etag);
    expect(again.status).toBe(304);
  });

  test.each(['br', 'gzip', 'identity'])('%s, and kept for ever under its hashed name', async (encoding) => {
    const script = assets.find((name) => /^index-.*\.js$/.test(name))!;
    const { status, headers } = await http().get(`/assets/${script}`).set('accept-encoding', encoding);
    expect(status).toBe(200);
    expect(headers['content-encoding']).toBe(encoding === 'identity' ? undefined : encoding);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
  });
});

test('all scripts and styles together weigh less than a first load may', () => {
  const files = assets.filter((name) => /\.(js|css)$/.test(name));
  const bytes = files.map(
    (name) => gzipSync(readFileSync(path.join(built, 'assets', name)), { level: 9 }).length,
  );
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(FIRST_LOAD_BYTES);
});
