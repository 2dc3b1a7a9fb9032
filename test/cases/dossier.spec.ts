import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Agent, Response } from 'supertest';
import { PdfPrinter } from '../../src/cases/dossier/pdf-printer.js';
import { projectRoot } from '../../src/config/project-root.js';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import {
  addPoints,
  addTransformers,
  home,
  seedRegistry,
  storeLoads,
  withRigs,
} from '../detection/synthetic-points.js';
import { mintKey, withKey } from '../support/access.js';
import { testRunFolder } from '../support/database.js';
import { CHROMIUM, describeWithDebian, PDFTOTEXT } from '../support/debian.js';
import { eventually } from '../support/process.js';
import { CasesApp, type Worker } from './cases-app.js';
import { scored } from './suspicions.js';

const ASOF = dayFromIso('2026-03-01')!;
const NOW = new Date('2026-03-02T00:00:00Z');
/** Cases whose PDF is held against the API; DOSSIER_CASES=200 for all that issue 4 asks for. */
const CASES = Number(process.env.DOSSIER_CASES ?? 2);
const POINTS = Math.max(8, CASES);
const FILE_NAME = '<img src=x onerror=alert(1)>.csv';

let cases: CasesApp;
let inspector: Worker;
let chief: Worker;
let stranger: Worker;
let auditor: Agent;
let points: Map<string, number>;

beforeAll(async () => {
  cases = await CasesApp.start();
  const { client, db } = cases;
  await seedRegistry(client);
  await addTransformers(client, ['T-1']);
  points = await addPoints(
    client,
    Array.from({ length: POINTS }, (_, index) => ({
      externalId: `P-${index}`,
      household: `H-${index}`,
      transformer: 'T-1',
    })),
  );
  await client.query(
    `insert into upload (utility_id, kind, filename, sha256, bytes, status, received_at)
     select id, 'readings', $1, $2, 1234, 'loaded', '2026-03-01T10:00:00Z' from utility`,
    [FILE_NAME, createHash('sha256').update('file').digest('hex')],
  );
  const loads = new Map(
    [...points.values()].map((id, index) => [
      id,
      withRigs(
        // The first misses two days and one hour.
        (day, hour) =>
          index === 0 && (day === ASOF - 40 || day === ASOF - 39 || (day === ASOF - 10 && hour === 3))
            ? NaN
            : home(index)(day, hour),
        { kw: 4 + index / 8, onset: ASOF - 30 },
      ),
    ]),
  );
  await storeLoads(client, loads, { from: ASOF - 90, to: ASOF, now: NOW });
  await scored(
    db,
    client,
    [...points.values()].map((meteringPointId, index) => ({
      meteringPointId,
      asOf: ASOF,
      evidence: { place: -1.94, 'base-load': 2.5 + index / 90, 'step-up': 1.27, heating: -0.43 },
      monthKwh: 3000 + index * 517,
    })),
    NOW,
  );
  await client.query(
    `insert into household_identity (metering_point_id, consumer_name, address) values ($1, 'Иванов И. И.', 'ул. Ленина, 1')`,
    [points.get('P-0')],
  );
  inspector = await cases.worker('inspector', 'north');
  chief = await cases.worker('supervisor', 'north');
  stranger = await cases.worker('inspector', 'north');
  auditor = withKey(cases.app, await mintKey(db, 'auditor'));
  for (const id of await caseIds())
    await chief.http.post(`/api/v1/cases/${id}/assignment`).send({ version: 1, inspector: inspector.id });
});
afterAll(() => cases.stop());

const caseIds = async (): Promise<number[]> => {
  const { rows } = await cases.client.query<{ id: number }>(
    'select id from case_file order by metering_point_id',
  );
  return rows.map(({ id }) => id);
};
const first = async () => (await caseIds())[0];
const dossierOf = async (id: number, query = '') =>
  (await inspector.http.get(`/api/v1/cases/${id}/dossier${query}`).expect(200)).body;
const exportsOf = async (id: number) => {
  const { rows } = await cases.client.query<{ body: string }>(
    `select body from audit_entry where kind = 'export.dossier' and subject = $1 order by seq`,
    [`case:${id}`],
  );
  return rows.map(({ body }) => JSON.parse(body));
};

describe('a dossier', () => {
  it('says what the case’s page says, where the readings come from and what is missing of them', async () => {
    const id = await first();
    const { body: page } = await inspector.http.get(`/api/v1/cases/${id}`).expect(200);
    const dossier = await dossierOf(id);
    expect(dossier.case).toEqual(page);
    expect(dossier.people).toEqual([{ id: chief.id, name: 'Test supervisor' }]);
    expect(dossier.provenance).toMatchObject({
      files: [{ filename: FILE_NAME, kind: 'readings', utility: 'test', days: 88, bytes: 1234 }],
      days: 90,
      days_stored: 88,
      intervals: 90 * 24,
      intervals_missing: 2 * 24 + 1,
      intervals_not_actual: 0,
      gaps: [
        { from: '2026-01-20', to: '2026-01-22' },
        { from: '2026-02-19', to: '2026-02-20' },
      ],
    });
    expect(dossier.method).toMatchObject({
      software: expect.stringMatching(/^Gridwarden \d/),
      settings_version: '3+test',
      weights_version: expect.stringMatching(/^[0-9a-f]{16}$/),
      rulebook_version: expect.stringMatching(/^[0-9a-f]{64}$/),
      detectors: expect.arrayContaining([{ detector: 'step-up', version: 1 }]),
    });
    const { body: curve } = await inspector.http.get(`/api/v1/cases/${id}/curve?resolution=day`).expect(200);
    const kwh = new Float32Array(Uint8Array.from(Buffer.from(curve.kwh.base64, 'base64')).buffer);
    expect(dossier.curve.days.map((day: { kwh: number | null }) => day.kwh ?? NaN)).toEqual([
      ...kwh.slice(-90),
    ]);
    expect(dossier.curve).not.toHaveProperty('hourly');
  });

  it('is for whoever may see the case, and each time on record', async () => {
    const id = (await caseIds())[1];
    await stranger.http.get(`/api/v1/cases/${id}/dossier`).expect(404);
    await stranger.http.get(`/api/v1/cases/${id}/dossier/page?identity=true`).expect(404);
    expect(await exportsOf(id)).toEqual([]);
    const { text } = await auditor.get(`/api/v1/cases/${id}/dossier/page`).expect(200);
    expect(await exportsOf(id)).toEqual([
      {
        format: 'html',
        version: 2,
        disclosure: null,
        bytes: Buffer.byteLength(text),
        sha256: createHash('sha256').update(text).digest('hex'),
      },
    ]);
  });

  it('names nobody unless that is asked for, which is a disclosure', async () => {
    const id = await first();
    const shown = () => auditor.get(`/api/v1/metering-points/${points.get('P-0')}/disclosures`).expect(200);
    expect(JSON.stringify(await dossierOf(id))).not.toMatch(/Иванов|Ленина/);
    expect((await shown()).body.items).toEqual([]);
    const { identity } = await dossierOf(id, '?identity=true');
    expect(identity).toMatchObject({ consumer_name: 'Иванов И. И.', address: 'ул. Ленина, 1' });
    expect((await shown()).body.items).toMatchObject([
      { id: identity.disclosure, actor: `person ${inspector.id}`, reason: `dossier of case ${id}` },
    ]);
    expect((await exportsOf(id)).at(-1)).toMatchObject({ disclosure: identity.disclosure });
  });

  it.each(['ru', 'en'])(
    'as a page in %s runs nothing, asks nobody, and believes no name',
    async (language) => {
      const { text, headers } = await inspector.http
        .get(`/api/v1/cases/${await first()}/dossier/page?language=${language}`)
        .expect(200);
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; style-src 'unsafe-inline'; img-src data:;/,
      );
      expect(text).not.toMatch(/<script|<img src=x|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
      expect(text).toContain('&lt;img src=x');
      expect(text).toContain(`<html lang="${language}">`);
      expect(text).not.toMatch(/undefined|NaN|\[object|guilty|винов/);
    },
  );

  it('proves the decision that closed the case, seconds after it was sealed', async () => {
    const id = (await caseIds())[2];
    expect((await dossierOf(id)).audit).toMatchObject({ proof: null });
    const { version } = (await inspector.http.get(`/api/v1/cases/${id}`)).body;
    await inspector.http
      .post(`/api/v1/cases/${id}/decision`)
      .send({ version, verdict: 'confirm', reason: 'mining_admitted', words: 'Сказал сам.' })
      .expect(201);
    await cases.client.query(`update case_decision set seals_at = now() where sealed_at is null`);
    await eventually(async () => (await dossierOf(id)).audit.proof !== null);
    const { audit, case: file } = await dossierOf(id);
    expect(file.decisions).toMatchObject([{ verdict: 'confirm', made_by: inspector.id }]);
    expect(audit.entry).toMatchObject({ kind: 'case.confirmed', seq: audit.proof.seq });
    const folder = await mkdtemp(path.join(testRunFolder(), 'proof-'));
    await writeFile(path.join(folder, 'proof.json'), JSON.stringify(audit.proof));
    const verified = spawnSync(
      process.execPath,
      [path.join(projectRoot, 'scripts/verify-inclusion.mjs'), path.join(folder, 'proof.json'), audit.key],
      { encoding: 'utf8' },
    );
    expect(verified).toMatchObject({ status: 0, stdout: expect.stringContaining('case.confirmed') });
    const { text } = await inspector.http.get(`/api/v1/cases/${id}/dossier/page`).expect(200);
    expect(text).toContain('Test inspector (person');
    expect(text).toContain('Сказал сам.');
  });

  it('does not tell whoever looks second what the first thought', async () => {
    const id = (await caseIds())[3];
    const { version } = (await inspector.http.get(`/api/v1/cases/${id}`)).body;
    await cases.client.query('update case_file set score = 0.9 where id = $1', [id]);
    await inspector.http
      .post(`/api/v1/cases/${id}/decision`)
      .send({ version, verdict: 'dismiss', reason: 'electric_heating', words: 'Бойлер на видном месте.' })
      .expect(201);
    await cases.client.query(`update case_decision set seals_at = now() where sealed_at is null`);
    const { text } = await chief.http.get(`/api/v1/cases/${id}/dossier/page`).expect(200);
    expect(text).toContain('вслепую');
    expect(text).not.toMatch(/Бойлер|электроотопление\./i);
  });

  it('is no PDF where there is no browser, and says what to do', async () => {
    const printer = new PdfPrinter({ chromiumPath: '/nowhere/chromium' });
    await expect(printer.print('<p>x</p>')).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining('GRIDWARDEN_CHROMIUM'),
    });
  });
});

describeWithDebian('a dossier as PDF', [CHROMIUM, PDFTOTEXT], (_chromium, pdftotext) => {
  it(
    `has the numbers of the API, in both languages (${CASES} cases)`,
    async () => {
      for (const id of (await caseIds()).slice(0, CASES)) {
        const { body: file } = await auditor.get(`/api/v1/cases/${id}`).expect(200);
        for (const language of languagesOf(id)) {
          const pdf = await auditor
            .get(`/api/v1/cases/${id}/dossier/pdf?language=${language}`)
            .buffer(true)
            .parse(binary)
            .expect('content-type', 'application/pdf')
            .expect(200);
          // To be looked at.
          const { DOSSIER_FOLDER: folder } = process.env;
          if (folder) await writeFile(path.join(folder, `case-${id}-${language}.pdf`), pdf.body as Buffer);
          const text = plain(textOf(pdf.body as Buffer), language);
          for (const expected of numbersOf(file, language)) expect(text).toContain(plain(expected, language));
        }
      }
    },
    60_000 + CASES * 10_000,
  );

  /** Each case in both while they are few; of many, every other one. */
  function languagesOf(id: number): readonly ('ru' | 'en')[] {
    if (CASES <= 10) return ['ru', 'en'];
    return id % 2 === 0 ? ['ru'] : ['en'];
  }

  /** Words as they stand in the page, without what a line break or a locale puts between digits. */
  function plain(text: string, language: 'ru' | 'en'): string {
    const dense = text.replace(/[\s\u00a0\u202f]+/g, '').replaceAll('−', '-');
    return language === 'ru' ? dense.replaceAll(',', '.') : dense.replaceAll(',', '');
  }

  function textOf(pdf: Buffer): string {
    const { stdout, status } = spawnSync(pdftotext, ['-enc', 'UTF-8', '-', '-'], {
      input: pdf,
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    return stdout;
  }
});

interface CaseNumbers {
  readonly id: number;
  readonly score: number;
  readonly log_odds: number;
  readonly month_kwh: number;
  readonly metering_point: string;
  readonly reasons: readonly { readonly log_odds: number; readonly sentence: Record<'ru' | 'en', string> }[];
  readonly months: readonly {
    readonly metered_kwh: number;
    readonly unit_kwh: number;
    readonly limit_kwh: number;
  }[];
}

/** What a reader compares: written here by hand, so that a mistake in the page’s own formats would show. */
function numbersOf(file: CaseNumbers, language: 'ru' | 'en'): string[] {
  const signed = (value: number) => `${value > 0 ? '+' : ''}${value.toFixed(2)}`;
  return [
    `${language === 'ru' ? 'Досье по делу' : 'Dossier of case'} № ${file.id}`,
    `${language === 'ru' ? 'Вероятность по показаниям' : 'Probability by the readings'} ${(file.score * 100).toFixed(1)}%`,
    `${language === 'ru' ? 'кВт·ч в месяц' : 'kWh a month'} ${Math.round(file.month_kwh)}`,
    file.metering_point,
    ...file.reasons.map(({ log_odds, sentence }) => `${signed(log_odds)} ${sentence[language]}`),
    signed(file.log_odds),
    ...file.months.map(({ metered_kwh, unit_kwh, limit_kwh }) =>
      [metered_kwh, unit_kwh, limit_kwh].map(Math.round).join(' '),
    ),
  ];
}

function binary(response: Response, done: (error: Error | null, body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  const stream = response as unknown as NodeJS.ReadableStream;
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => done(null, Buffer.concat(chunks)));
}
