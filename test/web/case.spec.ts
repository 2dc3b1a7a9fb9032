import type { Browser, Page } from 'playwright-core';
import type { Client } from 'pg';
import { hashPassword } from '../../src/access/passwords.js';
import { setPassword } from '../../src/access/person.repository.js';
import { openSession } from '../../src/access/session.repository.js';
import { asPerson, signIn, type SignedIn } from '../support/access.js';
import {
  axeViolations,
  axeViolationsOfLook,
  describeInBrowser,
  errorsOf,
  openAs,
  overflows,
  screenshot,
  setLook,
} from '../support/browser.js';
import { testService, type TestService } from '../support/http-app.js';
import { buildStreet } from './region.js';

const PASSWORD = 'correct horse battery staple';
const STREET_MS = 240_000;
const UNDO_MS = 10_000;

describeInBrowser('queue and case', (open) => {
  let browser: Browser;
  let service: TestService;
  let client: Client;
  let inspector: SignedIn;

  beforeAll(async () => {
    [browser, service] = await Promise.all([open(), testService()]);
    client = await service.database.connect();
    // The only one there is: everything is dealt to her.
    inspector = await signIn(service.database, 'inspector');
    const name = 'Ольга Петрова';
    await client.query('update person_identity set name = $2 where person_id = $1', [
      inspector.personId,
      name,
    ]);
    await buildStreet(service.database, client);
  }, STREET_MS);

  afterAll(async () => {
    await client?.end();
    await browser?.close();
    await service?.close();
  });

  /** A case in the inspector's hands that no test has touched. */
  async function dealtCase(): Promise<number> {
    const { rows } = await client.query<{ id: number }>(
      `select id from case_file where inspector_id = $1 and state = 'dealt' order by score, id limit 1`,
      [inspector.personId],
    );
    expect(rows).toHaveLength(1);
    return rows[0].id;
  }

  const stateOf = async (id: number): Promise<string> =>
    (await client.query<{ state: string }>('select state from case_file where id = $1', [id])).rows[0].state;

  const openCase = (id: number, who: SignedIn = inspector) =>
    openAs(browser, service, who, { path: `/cases/${id}` });

  /** The first of each language is looked at whole, the second for colours and sizes. */
  const looks = [
    {
      language: 'en',
      first: { theme: 'light', width: 1280, name: 'en' },
      then: { theme: 'dark', width: 360, name: 'en-360' },
    },
    {
      language: 'ru',
      first: { theme: 'light', width: 1280, name: 'ru' },
      then: { theme: 'dark', width: 1280, name: 'ru-dark' },
    },
  ] as const;

  test.each(looks)('axe finds nothing, nothing sticks out: $language', async ({ language, first, then }) => {
    const { page, close } = await openAs(browser, service, inspector, { language });
    const isSound = async (name: string, options: { readonly fullPage?: boolean } = {}): Promise<void> => {
      await setLook(page, first);
      expect(await axeViolations(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      await screenshot(page, `${name}-${first.name}`, options);
      await setLook(page, then);
      expect(await axeViolationsOfLook(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      await screenshot(page, `${name}-${then.name}`, options);
    };
    await page.locator('.queue .queue-row').first().waitFor();
    await isSound('queue');
    await page.getByText('IRK-004417').click();
    await chartsOf(page);
    await isSound('case', { fullPage: true });
    expect(errorsOf(page)).toEqual([]);
    await close();
  });

  test('the reasons add up to the score, as they are shown', async () => {
    const { page, close } = await openCase(await dealtCase());
    await chartsOf(page);
    const numbers = (selector: string, name: string): Promise<number[]> =>
      page
        .locator(selector)
        .evaluateAll((all, key) => all.map((each) => Number(each.getAttribute(key))), name);
    const weights = await numbers('[data-weight]', 'data-weight');
    const [sum] = await numbers('[data-sum]', 'data-sum');
    const [score] = await numbers('[data-score]', 'data-score');
    expect(weights.length).toBeGreaterThan(3);
    expect(weights.some((weight) => weight < 0)).toBe(true);
    expect(weights.reduce((total, each) => total + each, 0)).toBeCloseTo(sum, 9);
    expect(1 / (1 + Math.exp(-sum))).toBeCloseTo(score, 4);
    await close();
  });

  test('charts have a table twin, and say so', async () => {
    const { page, close } = await openCase(await dealtCase());
    await chartsOf(page);
    const toggles = page.getByRole('button', { name: 'Show as a table' });
    expect(await toggles.count()).toBe(3);
    await toggles.nth(2).click();
    await toggles.nth(1).click();
    // Before the year's 365 rows are there, for which axe would take half a minute.
    expect(await axeViolations(page)).toEqual([]);
    await toggles.first().click();
    const tables = page.locator('.chart-frame table');
    expect(await tables.count()).toBe(3);
    expect(await tables.first().locator('tbody tr').count()).toBe(365);
    expect(await page.getByRole('button', { name: 'Show as a chart' }).count()).toBe(3);
    await close();
  });

  test('a case is decided by five keys, and undone by one', async () => {
    const { page, close } = await openAs(browser, service, inspector);
    await page.locator('.queue .queue-row').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Confirm' }).waitFor();
    const id = Number(new URL(page.url()).pathname.split('/').at(-1));
    await page.keyboard.press('1');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('1');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    expect(await stateOf(id)).toBe('first_look');
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('u');
    await page.getByText('The decision is undone.').waitFor();
    const { rows } = await client.query('select sealed_at, undone_at from case_decision where case_id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ sealed_at: null, undone_at: expect.any(Date) }]);
    await close();
  });

  test('keys that are switched off do nothing', async () => {
    const { page, close } = await openCase(await dealtCase());
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Shortcuts by single keys').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('1');
    await page.keyboard.press('b');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('button', { name: 'Confirm' }).waitFor();
    await close();
  });

  test('a sign-in of long ago is asked for again, then the decision goes on and is sealed', async () => {
    const id = await dealtCase();
    const argon2id = await hashPassword(PASSWORD);
    const { personId } = inspector;
    await setPassword(service.database.dataSource, { personId, argon2id, now: new Date() }, null);
    const anHourAgo = new Date(Date.now() - 3_600_000);
    const stale = await openSession(service.database.dataSource, {
      personId,
      method: 'password',
      authenticatedAt: anHourAgo,
      now: new Date(),
    });
    const fresh = await openSession(service.database.dataSource, {
      personId,
      method: 'password',
      authenticatedAt: new Date(),
      now: new Date(),
    });
    inspector = { ...inspector, token: fresh };
    const { page, context } = await openCase(id, { ...inspector, token: stale });
    // A clock that can be put forward does not come off again: this window is nobody else's afterwards.
    await context.clock.install();
    await page.reload();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByLabel('Another reason').check();
    await page.getByText('This reason needs words of yours.').waitFor();
    await page.getByLabel('In your own words').fill('A greenhouse with lamps.');
    await page.getByRole('button', { name: 'Decide' }).click();
    const password = page.getByRole('dialog', { name: 'Is it you?' }).getByLabel('Password');
    await password.fill('wrong password');
    await page.keyboard.press('Enter');
    await page.getByText('Login or password is wrong.').waitFor();
    await password.fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await client.query('update case_decision set seals_at = now() where case_id = $1', [id]);
    await context.clock.fastForward(UNDO_MS);
    await page.getByText('The decision is sealed.').waitFor();
    expect(['dismissed', 'second_look']).toContain(await stateOf(id));
    await context.close();
  });

  test('whoever comes second is told who was there, what they did, and keeps their words', async () => {
    const id = await dealtCase();
    const first = await openCase(id);
    const second = await openCase(id);
    await second.page.getByRole('button', { name: 'Dismiss' }).click();
    await second.page.getByLabel('Electric heating explains the load').check();
    await second.page.getByLabel('In your own words').fill('Seen the boiler.');
    await first.page.getByRole('button', { name: 'Ask for a visit' }).click();
    await first.page.getByRole('dialog').getByRole('button', { name: 'Ask for a visit' }).click();
    await first.page.getByText('A visit is asked for.').waitFor();
    await second.page.getByRole('button', { name: 'Decide' }).click();
    const conflict = second.page.getByRole('dialog', { name: 'Somebody was here before you' });
    await conflict.getByText('A visit was asked for.').waitFor();
    expect(await conflict.getByText('Ольга Петрова').count()).toBeGreaterThan(0);
    expect(await axeViolations(second.page)).toEqual([]);
    await conflict.getByRole('button', { name: 'Read the case as it is now' }).click();
    await second.page.locator('.case-facts').getByText('Needs a visit').waitFor();
    await second.page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await second.page.getByLabel('In your own words').inputValue()).toBe('Seen the boiler.');
    await first.close();
    await second.close();
  });

  test('a lost connection loses nothing that was written', async () => {
    const id = await dealtCase();
    const { page, context, close } = await openCase(id);
    await chartsOf(page);
    await page.getByLabel('Comment').fill('Ask the neighbours.');
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Add the comment' }).click();
    await page.getByText('No connection: The service does not answer').waitFor();
    expect(await page.getByLabel('Comment').inputValue()).toBe('Ask the neighbours.');
    await context.setOffline(false);
    await page.getByText('The connection is back.').waitFor();
    await page.getByRole('button', { name: 'Add the comment' }).click();
    await page.locator('.comments').getByText('Ask the neighbours.').waitFor();
    await close();
  });

  test('name and address are shown on a click, which is recorded', async () => {
    const { rows } = await client.query<{ id: number; point: number }>(
      `select c.id, p.id as point from case_file c join metering_point p on p.id = c.metering_point_id
       where p.external_id = 'IRK-004417'`,
    );
    const { page, close } = await openCase(rows[0].id);
    await page.getByRole('button', { name: 'Show name and address' }).waitFor();
    expect(await page.getByText('ул. Лесная').count()).toBe(0);
    const shown = () =>
      client.query('select actor, reason from disclosure where metering_point_id = $1', [rows[0].point]);
    expect((await shown()).rows).toEqual([]);
    await page.getByRole('button', { name: 'Show name and address' }).click();
    await page.getByText('ул. Лесная, 7').waitFor();
    expect((await shown()).rows).toEqual([
      { actor: `person ${inspector.personId}`, reason: `Case ${rows[0].id}` },
    ]);
    await close();
  });

  test('a visit is booked, and reported with what it found', async () => {
    const id = await dealtCase();
    const { page, close } = await openCase(id);
    await page.getByRole('button', { name: 'Book a visit' }).click();
    await page.getByLabel('Day and hour').fill(localMinute(new Date(Date.now() + 3_600_000)));
    await page.getByRole('button', { name: 'Book', exact: true }).click();
    await page.locator('.visit').getByText('Booked for').waitFor();
    await page.getByRole('button', { name: 'Report the visit' }).click();
    await page.getByLabel('When it took place').fill(localMinute(new Date(Date.now() - 3_600_000)));
    await page.getByLabel('Electric heating').check();
    await page.getByLabel('What the household says').fill('A new boiler.');
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Put on record' }).click();
    await page.locator('.visit').getByText('Took place').waitFor();
    await page.getByText('A new boiler.').waitFor();
    expect(await stateOf(id)).toBe('needs_visit');
    await close();
  });

  test('filters are in the address, and are kept as a view', async () => {
    const { page, close } = await openAs(browser, service, inspector, {
      path: '/cases?text=IRK-004417&state=all',
    });
    await page.getByText('1 case', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Save this view' }).click();
    await page.getByLabel('Name of the view').fill('One point');
    await page.keyboard.press('Enter');
    await page.getByText('The view is saved.').waitFor();
    await page.getByLabel('Search').fill('nobody');
    await page.getByText('No case fits').waitFor();
    await page.getByRole('button', { name: 'One point', exact: true }).click();
    await page.getByText('1 case', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete the view One point' }).click();
    await page.getByRole('button', { name: 'One point', exact: true }).waitFor({ state: 'detached' });
    await close();
  });

  test('nobody sees a case that is not theirs, nor a page that is not their role’s', async () => {
    const id = await dealtCase();
    const other = await openCase(id, await signIn(service.database, 'inspector'));
    await other.page.getByText('There is no such thing, or it is not yours to see.').first().waitFor();
    await other.close();
    const utility = await openCase(id, await signIn(service.database, 'utility'));
    await utility.page.getByRole('heading', { name: 'No such page' }).waitFor();
    await utility.close();
    const auditor = await openCase(id, await signIn(service.database, 'auditor'));
    await auditor.page.getByText('you can read it').waitFor();
    expect(await auditor.page.getByRole('button', { name: 'Confirm' }).count()).toBe(0);
    await auditor.close();
    const { status } = await asPerson(service.app, auditor.person)
      .post(`/api/v1/cases/${id}/comments`)
      .send({ words: 'x' });
    expect(status).toBe(403);
  });
});

/** Waits until the page of a case is whole. */
async function chartsOf(page: Page): Promise<void> {
  await page.locator('.load-curve canvas').waitFor();
  await page.locator('.carpet canvas').waitFor();
  await page.locator('.reasons tbody tr').first().waitFor();
}

/** As a field of the browser, whose clock is Moscow's in these tests, takes it. */
function localMinute(moment: Date): string {
  return new Date(moment.getTime() + 3 * 3_600_000).toISOString().slice(0, 16);
}
