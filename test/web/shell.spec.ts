import type { Browser, Page } from 'playwright-core';
import { hashPassword } from '../../src/access/passwords.js';
import { setPassword } from '../../src/access/person.repository.js';
import { PERSON_ROLES } from '../../src/rights/domain/roles.js';
import { signIn } from '../support/access.js';
import {
  axeViolations,
  axeViolationsOfLook,
  describeInBrowser,
  errorsOf,
  openAs,
  openWindow,
  overflows,
  setLook,
} from '../support/browser.js';
import { testService, type TestService } from '../support/http-app.js';

const PASSWORD = 'correct horse battery staple';

describeInBrowser('the pages around all pages', (open) => {
  let browser: Browser;
  let service: TestService;

  beforeAll(async () => {
    [browser, service] = await Promise.all([open(), testService()]);
  });

  afterAll(async () => {
    await browser.close();
    await service.close();
  });

  /** Somebody new with a password. */
  async function personWithPassword(role: (typeof PERSON_ROLES)[number]): Promise<string> {
    const { personId, login } = await signIn(service.database, role);
    const argon2id = await hashPassword(PASSWORD);
    await setPassword(service.database.dataSource, { personId, argon2id, now: new Date() }, null);
    return login;
  }

  test.each(PERSON_ROLES)('%s signs in with a password, and out again', async (role) => {
    const login = await personWithPassword(role);
    const { page, close } = await openWindow(browser, service);
    await page.goto('/');
    await page.getByLabel('Login').fill(login);
    await page.getByLabel('Password').fill('wrong password');
    await page.keyboard.press('Enter');
    await page.getByText('Login or password is wrong.').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText(`Test ${role}`).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await close();
  });

  const looks = [
    { language: 'en', first: { theme: 'light', width: 1280 }, then: { theme: 'dark', width: 360 } },
    { language: 'ru', first: { theme: 'light', width: 360 }, then: { theme: 'dark', width: 1280 } },
  ] as const;

  test.each(looks)('axe finds nothing: $language', async ({ language, first, then }) => {
    const isSound = async (page: Page): Promise<void> => {
      await setLook(page, first);
      expect(await axeViolations(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      await setLook(page, then);
      expect(await axeViolationsOfLook(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
    };
    const stranger = await openWindow(browser, service, { language });
    await stranger.page.goto('/cases');
    await stranger.page.locator('#login').waitFor();
    await isSound(stranger.page);
    await stranger.close();
    const { page, close } = await openAs(browser, service, 'inspector', { language });
    await page.locator('.state-empty').waitFor();
    await isSound(page);
    await page.getByRole('button', { name: language === 'ru' ? 'Настройки' : 'Settings' }).click();
    await page.getByRole('dialog').waitFor();
    await isSound(page);
    expect(errorsOf(page)).toEqual([]);
    await close();
  });

  test('language, colours and keys are set once and kept', async () => {
    const { page, close } = await openAs(browser, service, 'inspector');
    await page.locator('.state-empty').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Show the keys').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Русский').check();
    await page.getByLabel('Тёмное').check();
    await page.getByLabel('Команды одной клавишей').uncheck();
    await page.reload();
    await page.getByRole('heading', { name: 'Очередь' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('ru');
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await close();
  });

  test('the keyboard reaches the content first', async () => {
    const { page, close } = await openAs(browser, service, 'inspector');
    await page.locator('.state-empty').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    await close();
  });

  test('an address that leads nowhere says so', async () => {
    const { page, close } = await openAs(browser, service, 'inspector', { path: '/no/such/page' });
    await page.getByRole('heading', { name: 'No such page' }).waitFor();
    await close();
  });

  test('a session that ends leads to the sign-in, and back to the same page', async () => {
    const login = await personWithPassword('auditor');
    const { page, context, close } = await openAs(browser, service, 'inspector', { path: '/cases' });
    await page.locator('.state-empty').waitFor();
    await context.clearCookies();
    await page.reload();
    await page.getByLabel('Login').fill(login);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Queue' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/cases');
    await close();
  });

  test('a lost connection is told, and the page goes on by itself when it is back', async () => {
    const { page, context, close } = await openAs(browser, service, 'inspector');
    await page.locator('.state-empty').waitFor();
    await context.setOffline(true);
    await page.getByText('No connection to the service.').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await context.setOffline(false);
    await page.getByText('The connection is back.').waitFor();
    await close();
  });

  test('nothing is asked of anybody else', async () => {
    const { page, close } = await openAs(browser, service, 'inspector', { path: 'about:blank' });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${service.url}/`);
    await page.locator('.state-empty').waitFor();
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.filter((url) => !url.startsWith(service.url))).toEqual([]);
    await close();
  });
});
