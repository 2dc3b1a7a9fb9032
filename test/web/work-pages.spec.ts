import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { allRegions } from '../../src/grid/domain/territories.js';
import type { PersonRole } from '../../src/rights/domain/roles.js';
import { UPLOAD_KINDS } from '../../src/uploads/upload.entity.js';
import { KINDS } from '../../web/src/pages/uploads/types.js';
import { tiledRegions, tileOf } from '../../web/src/pages/regions/tile-grid.js';
import { asPerson, signIn } from '../support/access.js';
import {
  axeViolations,
  axeViolationsOfLook,
  describeInBrowser,
  errorsOf,
  openAs,
  overflows,
  screenshot,
  setLook,
  type Look,
} from '../support/browser.js';
import { PDFTOTEXT, programOf } from '../support/debian.js';
import { testService, type TestService } from '../support/http-app.js';
import { eventually } from '../support/process.js';
import { scoreNow, smallRegion, UTILITY } from './sent-region.js';

/** Of each language: the look in which everything is checked, and one with other colours and another width. */
const LOOKS = [
  { language: 'en', first: { theme: 'light', width: 1280 }, then: { theme: 'dark', width: 360 } },
  { language: 'ru', first: { theme: 'light', width: 360 }, then: { theme: 'dark', width: 1280 } },
] as const;

test('every kind of upload has a name on the page', () => expect([...KINDS]).toEqual([...UPLOAD_KINDS]));

test('every region has one tile, and no tile two regions', () => {
  expect([...tiledRegions()].sort()).toEqual(
    allRegions()
      .map(({ code }) => code)
      .sort(),
  );
  const places = tiledRegions().map((code) => JSON.stringify(tileOf(code)));
  expect(places.filter((place, at) => places.indexOf(place) !== at)).toEqual([]);
});

describeInBrowser('the pages beside queue and case', (open) => {
  let browser: Browser;
  let service: TestService;
  let files: Awaited<ReturnType<typeof smallRegion>>;

  beforeAll(async () => {
    [browser, service] = await Promise.all([open(), testService()]);
    files = await smallRegion(service);
  });
  afterAll(async () => {
    await browser.close();
    await service.close();
  });

  const sql = <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
    service.database.dataSource.query(text, values);
  const asRole = (role: PersonRole, look: Look & { readonly path?: string } = {}) =>
    openAs(browser, service, role, look);
  /** A page of somebody of the region's utility. */
  const asUtility = async (look: Look & { readonly path?: string } = {}) =>
    openAs(browser, service, await signIn(service.database, 'utility', { utility: UTILITY }), look);

  /** Nothing is wrong with the page by axe, it does not scroll sideways, threw nothing, and asked nobody else. */
  async function isSound(page: Page): Promise<void> {
    expect(await axeViolations(page)).toEqual([]);
    expect(await overflows(page)).toBe(false);
    expect(errorsOf(page)).toEqual([]);
  }

  test('with nothing there yet, each says what is missing', async () => {
    const empty = [
      ['utility', '/uploads', 'Nothing has arrived yet'],
      ['inspector', '/transformers', 'No balance yet'],
      ['inspector', '/regions', 'No places yet'],
    ] as const;
    for (const [role, address, words] of empty) {
      const { page, close } =
        role === 'utility' ? await asUtility({ path: address }) : await asRole(role, { path: address });
      await page.getByText(words).waitFor();
      await isSound(page);
      await close();
    }
  });

  test('a utility drops its files, sees them loaded, and reads the receipt with its hash', async () => {
    const { page, close } = await asUtility({ path: '/uploads' });
    const input = page.locator('input[type=file]');
    // Readings before the registry: they are held, and the receipt asks for it.
    const early = path.join(service.config.dataDir, 'early.csv');
    await writeFile(early, 'metering_point,start,kwh\nP9,2026-10-01T00:00+08:00,1.5\nP9,yesterday,1\n');
    await input.setInputFiles(early);
    await page.getByText('early.csv has arrived', { exact: false }).click();
    await page.getByText('Is the registry still to come?', { exact: false }).waitFor();
    await isSound(page);
    const rejects = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the rejected rows' }).click();
    expect(await readFile(await (await rejects).path(), 'utf8')).toContain('P9,yesterday,1');
    await page.getByRole('link', { name: 'Send the registry' }).click();
    await page.locator('input[type=file]').setInputFiles([files.registry, ...files.others]);
    // Its first line is that of readings: only the sender knows whose they are.
    await page.getByLabel('What the file holds').selectOption('transformer readings');
    await page.locator('input[type=file]').setInputFiles(files.transformers);
    await eventually(async () => (await page.locator('.transfer a').count()) === 4, 120_000);
    const loaded = () => sql<{ n: number }>(`select count(*)::int as n from upload where status = 'loaded'`);
    await eventually(async () => (await loaded())[0].n === 5, 120_000);
    await page.reload();
    await page
      .getByRole('row', { name: /registry\.csv/ })
      .getByText('loaded')
      .waitFor();
    // The same file again is known.
    await page.locator('input[type=file]').setInputFiles(files.registry);
    await page.getByText('registry.csv was here before', { exact: false }).waitFor();
    await page.getByRole('link', { name: /\d+\. registry\.csv/ }).click();
    const [{ sha256 }] = await sql<{ sha256: string }>(`select sha256 from upload where kind = 'registry'`);
    await page.getByText(sha256).waitFor();
    await isSound(page);
    await close();
  });

  test('a file that can be read in two ways asks; the answer loads it, and a profile answers beforehand', async () => {
    const { page, close } = await asUtility({ path: '/uploads' });
    const hours = Array.from({ length: 24 }, (_, at) => String(at + 1).padStart(2, '0'));
    const lines = (kwh: number) =>
      ['metering_point,timestamp,kwh', ...hours.map((hour) => `P9,2026-10-02T${hour}:00,${kwh}`), ''].join(
        '\n',
      );
    const file = path.join(service.config.dataDir, 'ends.csv');
    await writeFile(file, lines(1.5));
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByText('ends.csv has arrived', { exact: false }).click();
    await page.getByText('Does a time in it name the beginning or the end of an interval?').waitFor();
    await isSound(page);
    await page.getByLabel('A time names').selectOption('the end of its interval');
    await page.getByRole('button', { name: 'Answer and load' }).click();
    await page.getByText('loaded', { exact: true }).waitFor();
    await page.goto('/uploads');
    await page.getByRole('button', { name: 'New profile' }).click();
    await page.getByLabel('Name of the profile').fill('askue');
    await page.getByRole('dialog').getByLabel('A time names').selectOption('the end of its interval');
    await isSound(page);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The profile askue is saved.').waitFor();
    await page.getByRole('button', { name: 'Edit the profile askue' }).click();
    await page.getByRole('dialog').getByLabel('Zone of times').fill('Asia/Irkutsk');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('row', { name: /askue.*end of its interval.*Asia\/Irkutsk/ }).waitFor();
    await writeFile(file, lines(1.75));
    await page.getByLabel('Profile', { exact: true }).selectOption('askue');
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByText('ends.csv has arrived', { exact: false }).click();
    await page.getByText('loaded', { exact: true }).waitFor();
    await page.goto('/uploads');
    await page.getByRole('button', { name: 'Delete the profile askue' }).click();
    await page.getByText('No profile is saved.').waitFor();
    await close();
  });

  test('a file that breaks off says so, and can be sent again', async () => {
    const { page, context, close } = await asUtility({ path: '/uploads' });
    await page.locator('.drop-zone').waitFor();
    await context.setOffline(true);
    await page.locator('input[type=file]').setInputFiles(files.registry);
    await page.getByText('registry.csv did not arrive: the connection broke off').waitFor();
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('registry.csv was here before', { exact: false }).waitFor();
    await close();
  });

  test('what was sent is scored, and its numbers on the pages are the API’s', async () => {
    await scoreNow(service);
    const { page, close, person } = await asRole('inspector', { path: '/transformers' });
    const http = asPerson(service.app, person);
    const { body: list } = await http.get('/api/v1/transformers?limit=100').expect(200);
    const first = list.items[0];
    await page.getByRole('link', { name: first.transformer }).click();
    await page.getByRole('heading', { name: `Transformer ${first.transformer}` }).waitFor();
    const main = page.locator('main');
    await main.getByText(first.hidden_kw.toFixed(1), { exact: false }).first().waitFor();
    const { body: points } = await http.get(`/api/v1/transformers/${first.id}/points`).expect(200);
    const rows = page.getByRole('group', { name: 'Homes under it' }).last().locator('tbody tr');
    await eventually(async () => (await rows.count()) === points.items.length);
    const texts = await rows.allInnerTexts();
    points.items.forEach((point: { metering_point: string; score: number }, index: number) => {
      expect(texts[index]).toContain(point.metering_point);
      expect(texts[index]).toContain(`${Math.round(point.score * 100)}%`);
    });
    // The chart's twin: newest hour first.
    await page.getByRole('button', { name: 'Show as a table' }).click();
    const { body: load } = await http.get(`/api/v1/transformers/${first.id}/load`).expect(200);
    const newest = load.in_kwh.findLast((kwh: number | null) => kwh !== null);
    await page
      .getByRole('cell', { name: newest.toFixed(2), exact: true })
      .first()
      .waitFor();
    await page.goto('/regions');
    await page.getByRole('row', { name: /Irkutsk/ }).waitFor();
    const { body: places } = await http.get('/api/v1/territories').expect(200);
    for (const { name, points: count, suspected_mw: mw, cases } of places.items) {
      const row = await page.getByRole('row', { name: name.en }).innerText();
      for (const number of [count, cases.open]) expect(row).toContain(String(number));
      expect(row).toContain(mw.metered.toFixed(3));
      expect(row).toContain(mw.unmetered.toFixed(3));
    }
    await close();
  });

  test('the operator adds a person and a key, which are shown once, and blocks', async () => {
    const { page, close } = await asRole('operator', { path: '/access' });
    await page.getByRole('button', { name: 'Add a person' }).click();
    await page.getByLabel('Login').fill('anna');
    await page.getByLabel('Name').fill('Anna');
    await isSound(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Add a person' }).click();
    await page.getByText(`${service.url}/welcome#token=`, { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Work of Anna' }).click();
    await page.getByLabel('Organisation').fill('north');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').waitFor();
    expect(await sql(`select organisation from person where organisation <> ''`)).toEqual([
      { organisation: 'north' },
    ]);
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByLabel('Held by').fill('nightly-export');
    await page.getByRole('dialog').getByLabel('Utility').fill(UTILITY);
    await page.getByRole('dialog').getByRole('button', { name: 'Make a key' }).click();
    await page.getByText(/^gw_/).first().waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: /^Revoke the key/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('cell', { name: 'revoked' }).waitFor();
    await page.getByRole('button', { name: 'Block Anna' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Block' }).click();
    await page.getByText(/^blocked/).waitFor();
    await close();
  });

  /** As a supervisor does it: in the queue, for several at once. */
  async function assignOnPage(id: number, inspectorId: number): Promise<void> {
    const { page, close } = await asRole('supervisor', { path: '/cases?state=all' });
    await page.getByRole('button', { name: 'Choose several' }).click();
    await page.locator(`[data-case="${id}"] .queue-choice`).check();
    const bulk = page.getByRole('group', { name: 'Several cases at once' });
    await bulk.getByLabel('Inspector').selectOption(String(inspectorId));
    await bulk.getByRole('button', { name: 'Give to them' }).click();
    await page.getByText('Done for 1 case.').waitFor();
    await close();
  }

  test('a decided case leaves as a dossier whose numbers are the API’s', async () => {
    const [{ id }] = await sql<{ id: number }>(
      `select c.id from case_file c join metering_point p on p.id = c.metering_point_id
       where p.kind = 'household' order by c.score desc limit 1`,
    );
    const person = await signIn(service.database, 'inspector');
    const http = asPerson(service.app, person);
    await assignOnPage(id, person.personId);
    await http
      .post(`/api/v1/cases/${id}/decision`)
      .send({ version: 2, verdict: 'confirm', reason: 'load_unexplained', words: '' })
      .expect(201);
    await sql('update case_decision set seals_at = now()');
    const dossier = async () => (await http.get(`/api/v1/cases/${id}/dossier`).expect(200)).body;
    await eventually(async () => (await dossier()).audit.proof !== null);
    const { page, context, close } = await openAs(browser, service, person, { path: `/cases/${id}/dossier` });
    await page.getByRole('heading', { name: `Dossier of case ${id}` }).waitFor();
    await isSound(page);
    await page.getByLabel('With name and address').check();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'PDF' }).click();
    const file = await (await download).path();
    expect(await sql('select actor from disclosure')).toEqual([{ actor: `person ${person.personId}` }]);
    const pdftotext = programOf(PDFTOTEXT);
    if (pdftotext !== null) {
      const { stdout } = spawnSync(pdftotext, ['-enc', 'UTF-8', file, '-'], { encoding: 'utf8' });
      const text = stdout.replace(/[\s\u00a0\u202f,]+/g, '').replaceAll('−', '-');
      const { case: decided, audit } = await dossier();
      expect(text).toContain(`Probabilitybythereadings${(decided.score * 100).toFixed(1)}%`);
      for (const { log_odds: weight } of decided.reasons)
        expect(text).toContain(`${weight > 0 ? '+' : ''}${weight.toFixed(2)}`);
      for (const month of decided.months) expect(text).toContain(String(Math.round(month.metered_kwh)));
      expect(text).toContain('suspicionconfirmed');
      // The log may have been signed anew since it was printed.
      const signed = await sql<{ note: string }>('select note from audit_checkpoint');
      expect(signed.some(({ note }) => text.includes(note.split('\n')[2]))).toBe(true);
      expect(text).toContain(`Logentry${audit.entry.seq}`);
    }
    const opened = context.waitForEvent('page');
    await page.getByRole('link', { name: 'Page to print' }).click();
    const paper = await opened;
    await paper.getByRole('heading', { name: `Dossier of case № ${id}` }).waitFor();
    await close();
  });

  test.each([
    ['utility', '/access'],
    ['utility', '/regions'],
    ['inspector', '/uploads'],
    ['inspector', '/access'],
    ['operator', '/transformers'],
    ['operator', '/regions'],
    ['supervisor', '/access'],
    ['inspector', '/quality'],
  ] as const)('%s has no page %s', async (role, address) => {
    const { page, close } = await asRole(role, { path: address });
    await page.getByRole('heading', { name: 'No such page' }).waitFor();
    await close();
  });

  test('nothing is asked of anybody else', async () => {
    const foreign: string[] = [];
    const { page, close } = await asRole('auditor', { path: '/regions' });
    page.on('request', (request) => {
      if (!request.url().startsWith(service.url)) foreign.push(request.url());
    });
    for (const address of ['/transformers', '/regions', '/uploads', '/rules', '/access', '/quality']) {
      await page.goto(address);
      await page.locator('tbody tr').first().waitFor();
    }
    expect(foreign).toEqual([]);
    await close();
  });

  /** Addresses of the pages, with what they show found when they are asked for. */
  const PAGES: readonly (readonly [name: string, address: () => Promise<string>])[] = [
    ['transformers', async () => '/transformers'],
    [
      'transformer',
      async () => {
        const [{ id }] = await sql<{ id: number }>(
          `select p.transformer_id as id from transformer_balance b
           join metering_point p on p.id = b.metering_point_id order by b.hidden_kw desc limit 1`,
        );
        return `/transformers/${id}`;
      },
    ],
    ['regions', async () => '/regions'],
    ['uploads', async () => '/uploads'],
    [
      'receipt',
      async () => {
        const [{ id }] = await sql<{ id: number }>(`select min(upload_id) as id from rejected_row`);
        return `/uploads/${id}`;
      },
    ],
    ['rules', async () => '/rules'],
    ['access', async () => '/access'],
    ['quality', async () => '/quality'],
    [
      'dossier',
      async () => {
        const [{ id }] = await sql<{ id: number }>('select id from case_file order by score desc limit 1');
        return `/cases/${id}/dossier`;
      },
    ],
  ];

  describe.each(LOOKS)(
    'axe finds nothing, and nothing sticks out: $language',
    ({ language, first, then }) => {
      let window: Awaited<ReturnType<typeof openAs>>;

      beforeAll(async () => {
        window = await asRole('auditor', { language });
      });
      afterAll(() => window.close());

      test.each(PAGES)('%s', async (name, address) => {
        const { page } = window;
        await setLook(page, first);
        await page.goto(await address());
        await page.locator('main .panel').first().waitFor();
        await eventually(async () => (await page.locator('.state-loading').count()) === 0);
        await isSound(page);
        if (first.width === 1280) await screenshot(page, `${name}-${language}`);
        await setLook(page, then);
        expect(await axeViolationsOfLook(page)).toEqual([]);
        expect(await overflows(page)).toBe(false);
        if (then.width === 1280) await screenshot(page, `${name}-${language}`);
      });
    },
  );
});
