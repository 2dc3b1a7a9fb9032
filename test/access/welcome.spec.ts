import { createHash } from 'node:crypto';
import vm from 'node:vm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { firstStartText } from '../../src/access/first-start.js';
import { linkPath } from '../../src/access/people.js';
import { addPerson, newSignInToken } from '../../src/access/person.repository.js';
import { testService, type TestService } from '../support/http-app.js';
import { eventually } from '../support/process.js';

let service: TestService;
beforeAll(async () => {
  service = await testService();
});
afterAll(() => service.close());

const PASSWORD = 'лошадь скрепка батарейка';

test('the page’s policy lets in its own style and script, letter by letter', async () => {
  const answer = await fetch(`${service.url}/welcome`);
  const page = await answer.text();
  const policy = answer.headers.get('content-security-policy')!;
  for (const [name, tag] of [
    ['style-src', 'style'],
    ['script-src', 'script'],
  ]) {
    const inline = new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`).exec(page)![1];
    const hash = createHash('sha256').update(inline).digest('base64');
    expect(policy).toContain(`${name} 'sha256-${hash}'`);
  }
});

test('the first start’s link makes the operator; a password that is too easy can be mended', async () => {
  const text = await firstStartText(service.database.dataSource, service.url, new Date());
  const page = await open(/\/welcome#operator=\w+/.exec(text!)![0], 'en-US');
  expect(page.text('title')).toBe('Become the operator');
  // Not left where the history, or a look over the shoulder, would find it.
  expect(page.address).toBe('/welcome');
  await page.submit({ login: 'olga', name: 'Ольга', password: 'password1234' });
  expect(page.text('message')).toMatch(/^This password is too short/);
  await page.submit({ login: 'olga', name: 'Ольга', password: PASSWORD });
  expect(page.text('message')).toBe('Done: you are signed in.');
  expect(page.address).toBe('/');
  expect(await page.whoAmI()).toMatchObject({ role: 'operator', person: { login: 'olga' } });
});

test('a person’s link signs them in and sets their password, in Russian too', async () => {
  const { dataSource } = service.database;
  const now = new Date();
  const person = {
    login: 'anna',
    name: 'Анна',
    role: 'auditor',
    utilityId: null,
    createdBy: 'test',
    now,
  } as const;
  await addPerson(dataSource, person);
  const expiresAt = new Date(now.getTime() + 60_000);
  const page = await open(
    linkPath('token', await newSignInToken(dataSource, { login: 'anna', by: 'test', expiresAt, now })),
    'ru-RU',
  );
  expect(page.text('title')).toBe('Добро пожаловать');
  await page.submit({ password: 'коротко' });
  expect(page.text('message')).toMatch(/^Пароль слишком короткий/);
  await page.submit({ password: PASSWORD });
  expect(await page.whoAmI()).toMatchObject({ role: 'auditor', person: { method: 'link' } });
  const again = await fetch(`${service.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login: 'anna', password: PASSWORD }),
  });
  expect(again.status).toBe(201);
  const late = await open(linkPath('token', 'x'.repeat(43)), 'ru-RU');
  await late.submit({ password: PASSWORD });
  expect(late.text('message')).toMatch(/^Ссылка уже использована/);
});

test('a link that was cut off says so, and asks for nothing', async () => {
  const page = await open('/welcome#operator=', 'en-US');
  expect(page.text('title')).toBe('This link is not whole');
  expect(page.isHidden('form')).toBe(true);
});

/** The served script at work in as much of a document as it touches; its requests go to the service. */
async function open(path: string, language: string) {
  const served = await (await fetch(`${service.url}/welcome`)).text();
  const script = /<script[^>]*>([\s\S]*?)<\/script>/.exec(served)![1];
  const ids = [...served.matchAll(/ id="([\w-]+)"/g)].map(([, id]) => id);
  const parts = new Map(ids.map((id) => [id, { textContent: '', hidden: true, disabled: false }]));
  let onSubmit: (event: object) => Promise<void> = async () => {};
  let filled: Record<string, string> = {};
  let cookie = '';
  let address = path;
  Object.assign(parts.get('form')!, {
    addEventListener: (_: string, listener: typeof onSubmit) => (onSubmit = listener),
  });
  const ask = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(`${service.url}${url}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), cookie, 'sec-fetch-site': 'same-origin' },
    });
    for (const line of answer.headers.getSetCookie()) cookie = line.split(';')[0];
    return answer;
  };
  const window = {
    navigator: { language },
    location: {
      hash: path.slice(path.indexOf('#')),
      pathname: '/welcome',
      assign: (to: string) => (address = to),
    },
    history: { replaceState: (_state: null, _title: string, to: string) => (address = to) },
    document: {
      documentElement: {},
      getElementById: (id: string) => parts.get(id),
      querySelectorAll: () => [],
    },
    fetch: ask,
    FormData: class {
      [Symbol.iterator] = () => Object.entries(filled)[Symbol.iterator]();
    },
  };
  vm.runInNewContext(`(() => {${script}})()`, window);
  return {
    text: (id: string) => parts.get(id)!.textContent,
    isHidden: (id: string) => parts.get(id)!.hidden,
    get address() {
      return address;
    },
    submit: async (values: Record<string, string>): Promise<void> => {
      filled = values;
      await onSubmit({ preventDefault: () => {} });
      await eventually(async () => parts.get('message')!.textContent !== '', 5_000);
    },
    whoAmI: async () => (await ask('/api/v1/session')).json(),
  };
}
