import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CHECKS, CHECK_NAMES } from '../../src/config/domain/checks.js';
import { auditedTransaction } from '../../src/audit/audited-transaction.js';
import { systemActor } from '../../src/audit/append-audit.js';
import { answerUpload } from '../../src/uploads/answer-upload.js';
import { loadNow } from '../../src/uploads/load-now.js';
import { readingOf } from '../../src/uploads/upload-request.js';
import { saveUploadProfile } from '../../src/uploads/upload-profiles.js';
import { findingsOf } from '../../src/uploads/validation/findings.repository.js';
import { decodeDay } from '../../src/readings/domain/energy-codec.js';
import { firstFault } from '../audit/whole-log.js';
import { openIntake, type Intake } from './intake.js';

const REGISTRY = [
  'metering_point,household,territory,contracted_kw',
  ...['A', 'B', 'C', 'D', 'E'].map((id, at) => `${id},${at},RU-IRK,15`),
  'BIG,9,RU-IRK,400',
].join('\n');

let intake: Intake;
beforeEach(async () => {
  intake = await openIntake(REGISTRY);
});
afterEach(async () => {
  const fault = await firstFault(intake.database);
  await intake.close();
  expect(fault).toBeNull();
});

const hour = (at: number) => String(at).padStart(2, '0');
const long = (lines: readonly string[], header = 'metering_point,start,kwh') =>
  `${header}\n${lines.join('\n')}\n`;
const dayOf = (id: string, date: string, kwh: (at: number) => number | string) =>
  Array.from({ length: 24 }, (_, at) => `${id},${date}T${hour(at)}:00,${kwh(at)}`);

/** A stored day: energies in kWh (null = missing) and quality marks. */
async function stored(id: string, day: string) {
  const { rows } = await intake.client.query(
    `select energy, scale, quality, revision from load_profile p join metering_point m on m.id = p.metering_point_id
     where m.external_id = $1 and day = $2`,
    [id, day],
  );
  if (rows.length === 0) return null;
  const [{ energy, scale, quality, revision }] = rows;
  const kwh = [...decodeDay(energy, scale)].map((wh) => (Number.isNaN(wh) ? null : wh / 1000));
  return { kwh, quality: [...(quality as Buffer)], revision };
}

const findings = (id: number) => findingsOf(intake.database.dataSource.manager, id, { after: 0, limit: 100 });

describe('checks on the way into the store', () => {
  it('counts by check, keeps what was found, marks and takes back', async () => {
    const usual = dayOf('A', '2026-03-01', (at) => (200 + at * 13) / 1000);
    const receipt = await intake.load(
      long([
        ...usual,
        ...dayOf('A', '2026-03-02', (at) => (at === 7 ? 120 : at === 8 ? 50 : (210 + at * 11) / 1000)).slice(
          0,
          20,
        ),
        usual[3].replace(/,[^,]*$/, ',0.9'),
        'B,2000-01-01T00:00,1',
      ]),
    );
    expect(receipt.counts).toMatchObject({
      accepted: 44,
      rejected: 2,
      rejected_by_reason: { meter_maximum: 1, ancient: 1 },
      checks: { meter_maximum: 1, contracted_power: 1, ancient: 1, missing: 4, duplicate: 1 },
    });
    expect(await stored('B', '2000-01-01')).toBeNull();
    const day = (await stored('A', '2026-03-02'))!;
    expect(day.kwh.slice(6, 9)).toEqual([0.276, null, 50]);
    expect(day.quality.slice(6, 9)).toEqual([0, 0, 3]);
    const found = await findings(receipt.id);
    expect(
      found.map(({ check, metering_point, day, first_interval, line }) => [
        check,
        metering_point,
        day,
        first_interval,
        line,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['meter_maximum', 'A', '2026-03-02', 7, 26],
        ['duplicate', 'A', '2026-03-01', 3, 2],
        ['ancient', 'B', '2000-01-01', 0, 47],
      ]),
    );
  });

  it('holds a spike against the stored history', async () => {
    const days = (from: number, to: number, spike: boolean) =>
      Array.from({ length: to - from }, (_, at) =>
        dayOf('A', `2026-03-${hour(from + at)}`, (h) =>
          spike && h === 12 ? 40 : (300 + ((h * 7 + at) % 11) * 20) / 1000,
        ),
      ).flat();
    await intake.load(long(days(1, 8, false)));
    const receipt = await intake.load(long(days(8, 9, true)));
    expect(receipt.counts.checks).toEqual({ spike: 1 });
    expect((await stored('A', '2026-03-08'))!.quality[12]).toBe(3);
  });

  it('lets no estimate replace a measured interval, and every measured one an estimate, in either order', async () => {
    const header = 'metering_point,start,kwh,quality';
    const file = (quality: string, kwh: number) =>
      long(
        dayOf('A', '2026-03-01', () => kwh).map((line) => `${line},${quality}`),
        header,
      );
    await intake.load(file('A', 1));
    const late = await intake.load(file('E', 2));
    expect(late.counts.stored).toEqual({ created: 0, changed: 0, unchanged: 1 });
    expect(await stored('A', '2026-03-01')).toMatchObject({
      kwh: Array(24).fill(1),
      quality: [],
      revision: 1,
    });
    const other = (quality: string, kwh: number, hours: number) =>
      long(
        dayOf('B', '2026-03-01', () => kwh)
          .slice(0, hours)
          .map((line) => `${line},${quality}`),
        header,
      );
    await intake.load(other('E', 2, 24));
    await intake.load(other('A', 1, 12));
    const day = (await stored('B', '2026-03-01'))!;
    expect(day.kwh).toEqual([...Array(12).fill(1), ...Array(12).fill(2)]);
    expect(day.quality).toEqual([...Array(12).fill(0), ...Array(12).fill(1)]);
    expect((await intake.load(other('S', 9, 24))).counts.stored).toMatchObject({ changed: 1 });
    expect((await stored('B', '2026-03-01'))!.kwh).toEqual([...Array(12).fill(1), ...Array(12).fill(9)]);
  });

  it('reports intervals of another length, and that they do not add up to the register', async () => {
    const register = (date: string, kwh: number) => `A,${date},${kwh}`;
    await intake.load(
      long(
        [register('2026-03-01', 100), register('2026-03-03', 130)],
        'metering_point,taken_at,register_kwh',
      ),
      {
        kind: 'registers',
      },
    );
    const right = [
      ...dayOf('A', '2026-03-01', () => 0.5),
      ...dayOf('A', '2026-03-02', (at) => 0.75 + (at % 2) / 1000),
    ];
    expect((await intake.load(long(right))).counts.checks).toEqual({});
    const wrong = await intake.load(long(dayOf('A', '2026-03-02', (at) => 1.75 + (at % 2) / 1000)));
    expect(wrong.counts.checks).toEqual({ register_sum: 1 });
    expect((await findings(wrong.id))[0].detail).toMatch(/until 2026-03-03 .* 54\.01 kWh, .* 30 kWh/i);
    const halves = dayOf('A', '2026-03-02', (at) => 0.4 + (at % 3) / 1000).flatMap((line) => [
      line,
      line.replace(':00,', ':30,'),
    ]);
    expect((await intake.load(long(halves))).counts.checks).toMatchObject({ interval_length: 1 });
  });

  it('asks whether a register that runs too fast is multiplied already', async () => {
    const receipt = await intake.load(
      'metering_point,taken_at,register_kwh,ct_ratio\nA,2026-03-01,0,40\nA,2026-03-02,30,40\n',
      {
        kind: 'registers',
      },
    );
    expect(receipt.counts.checks).toEqual({ register_power: 1 });
  });

  it('says what each check does in docs/ingest.md', async () => {
    const { readFile } = await import('node:fs/promises');
    const text = await readFile('docs/ingest.md', 'utf8');
    for (const name of CHECK_NAMES) {
      const { severity, limit, unit, finds } = CHECKS[name];
      expect(text).toContain(`| \`${name}\` | ${severity} | ${limit} ${unit} | ${finds} |`);
    }
  });
});

describe('how a file is to be read', () => {
  const march = (unit: (kwh: number) => number) =>
    long(
      ['A', 'B', 'C', 'D', 'E'].flatMap((id) =>
        dayOf(id, '2026-03-01', (at) => unit((200 + ((at * 7) % 24) * 20) / 1000)),
      ),
    );
  const answer = async (id: number, options: Parameters<typeof answerUpload>[2]['options']) => {
    await auditedTransaction(intake.database.dataSource, (db, record) =>
      answerUpload(db, record, { uploadId: id, options, actor: systemActor('test') }),
    );
    return loadNow(intake.database, { dataDir: intake.folder, rejectedRowsKept: 100 }, id);
  };

  it('holds Wh that are called kWh, takes the answer, and is not asked again', async () => {
    const text = march((kwh) => kwh * 1000);
    const held = await intake.load(text);
    expect(held).toMatchObject({
      status: 'held',
      question: { about: 'unit' },
      counts: { accepted: 0, rows: 0 },
    });
    expect(await stored('A', '2026-03-01')).toBeNull();
    await expect(answer(held.id, { label: 'start' })).rejects.toThrow('The question is about unit');
    expect(await answer(held.id, { unit: 'Wh' })).toMatchObject({
      status: 'loaded',
      question: null,
      options: { unit: 'Wh' },
      counts: { accepted: 120 },
    });
    expect((await stored('A', '2026-03-01'))!.kwh[2]).toBe(0.48);
    await expect(answer(held.id, { unit: 'Wh' })).rejects.toThrow('nothing is asked');
    // The same bytes find the upload with its answer.
    expect((await intake.load(text)).id).toBe(held.id);
    const events = await intake.client.query(`select kind from audit_entry where subject = $1 order by seq`, [
      `upload:${held.id}`,
    ]);
    expect(events.rows.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['upload.received', 'upload.held', 'upload.answered', 'upload.loaded']),
    );
  });

  it.each([
    [{ unit: 'Wh' }, 851, 0.851],
    [{ unit: 'MWh' }, 0.000851, 0.851],
    [{ unit: 'kW' }, 1.702, 0.851],
    [{ unit: 'W' }, 1702, 0.851],
    [{ ct: 'not-applied', ct_ratio: 40 }, 0.02, 0.8],
    [{ ct: 'twice', ct_ratio: 40 }, 32, 0.8],
  ] as const)('reads %j', async (options, value, kwh) => {
    const lines = dayOf('A', '2026-03-01', () => value).flatMap((line) => [
      line,
      line.replace(':00,', ':30,'),
    ]);
    const receipt = await intake.load(long(lines), { options });
    expect(receipt.counts).toMatchObject({ accepted: 48, rejected: 0 });
    expect((await stored('A', '2026-03-01'))!.kwh[0]).toBe(kwh);
  });

  it('holds 24:00 until somebody says which end it names, and puts it there', async () => {
    const ends = Array.from({ length: 24 }, (_, at) => `A,2026-03-01T${hour(at + 1)}:00,${(at + 1) / 10}`);
    const held = await intake.load(long(ends, 'metering_point,timestamp,kwh'));
    expect(held).toMatchObject({
      status: 'held',
      question: { about: 'label', text: expect.stringContaining('24:00') },
    });
    expect(await answer(held.id, { label: 'end' })).toMatchObject({
      status: 'loaded',
      counts: { accepted: 24, rejected: 0 },
    });
    expect((await stored('A', '2026-03-01'))!.kwh).toEqual(
      Array.from({ length: 24 }, (_, at) => (at + 1) / 10),
    );
    // Next day's midnight in place of 24:00 says the same in other words.
    const other = await intake.load(
      long(
        ends.map((line) => line.replace('-01T24', '-02T00').replace('A,', 'B,')),
        'metering_point,timestamp,kwh',
      ),
    );
    expect(other.question?.about).toBe('label');
  });

  it('reads ends of intervals over the hour that comes twice', async () => {
    const berlin = ['00:30', '01:00', '01:30', '02:00', '02:30', '02:00', '02:30', '03:00', '03:30'];
    const receipt = await intake.load(long(berlin.map((time, at) => `A,2025-10-26T${time},${at + 1}`)), {
      zone: 'Europe/Berlin',
      options: { label: 'end' },
    });
    expect(receipt.counts).toMatchObject({ accepted: 9, duplicates: { equal: 0, different: 0 } });
    const days = [await stored('A', '2025-10-26')];
    expect(days[0]!.kwh.filter((kwh) => kwh !== null)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('takes clock columns 01:00 to 24:00 for the ends they are, and hours 1 to 24 by their place', async () => {
    const values = Array.from({ length: 24 }, (_, at) => (at + 1) / 10);
    for (const [id, names] of [
      ['A', values.map((_, at) => `${hour(at + 1)}:00`)],
      ['B', values.map((_, at) => String(at + 1))],
    ] as const) {
      await intake.load(`metering_point,date,${names.join(',')}\n${id},2026-03-01,${values.join(',')}\n`);
      expect((await stored(id, '2026-03-01'))!.kwh).toEqual(values);
    }
  });

  it('reads files by a saved profile, and what is said beside it counts', async () => {
    const { dataSource } = intake.database;
    const [{ id: utilityId }] = await dataSource.query(`select id from utility where code = 'test'`);
    const owner = { utilityId, actor: systemActor('test'), now: new Date() };
    const profile = {
      name: 'askue',
      kind: null,
      zone: '+03:00',
      options: { unit: 'kW', label: 'end' },
    } as const;
    await auditedTransaction(dataSource, (db, record) => saveUploadProfile(db, record, owner, profile));
    const asked = { utility: 'test', profile: 'askue' };
    expect(await readingOf(dataSource.manager, asked)).toEqual({
      kind: null,
      zone: '+03:00',
      options: { label: 'end', unit: 'kW' },
    });
    expect(await readingOf(dataSource.manager, { ...asked, unit: 'W', zone: 'Asia/Irkutsk' })).toMatchObject({
      zone: 'Asia/Irkutsk',
      options: { unit: 'W', label: 'end' },
    });
    await expect(readingOf(dataSource.manager, { utility: 'test', profile: 'other' })).rejects.toThrow(
      'There is no upload profile "other" of test',
    );
  });

  it('asks about a ratio that was applied twice', async () => {
    const held = await intake.load(long(dayOf('BIG', '2026-03-01', (at) => 5000 + at)));
    expect(held.question).toMatchObject({
      about: 'ct',
      text: expect.stringContaining('1 of 1 metering points with current transformers'),
    });
    expect(await answer(held.id, { ct: 'twice', ct_ratio: 40 })).toMatchObject({ status: 'loaded' });
    expect((await stored('BIG', '2026-03-01'))!.kwh[0]).toBe(125);
  });
});
