import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { text as streamText } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { systemActor } from '../../../src/audit/append-audit.js';
import { auditedTransaction } from '../../../src/audit/audited-transaction.js';
import { answerUpload } from '../../../src/uploads/answer-upload.js';
import { loadNow } from '../../../src/uploads/load-now.js';
import { writeRejects } from '../../../src/uploads/rejects-csv.js';
import { Spool } from '../../../src/uploads/spool.js';
import { firstFault } from '../../audit/whole-log.js';
import { openIntake, type Intake } from '../intake.js';
import { bytesOf, halfHours } from './xml-80020-text.js';
import { zipOf } from './zip-file.js';

let intake: Intake;

beforeAll(async () => {
  intake = await openIntake(
    'metering_point,territory,transformer\nA,RU-IRK,T1\nB,RU-IRK,T1\nC,RU-IRK,T1\nD,RU-IRK,T1\n',
  );
});
afterAll(async () => {
  const fault = await firstFault(intake.database);
  await intake.close();
  expect(fault).toBeNull();
});

/** Energies stored of a point on a day, Wh by interval. */
async function stored(point: string, day: string, kind = 'household'): Promise<number[] | null> {
  const { rows } = await intake.client.query<{ energy: Buffer; scale: number }>(
    `select energy, scale from load_profile l join metering_point p on p.id = l.metering_point_id
     where p.external_id = $1 and day = $2 and p.kind = $3`,
    [point, day, kind],
  );
  if (rows.length === 0) return null;
  const [{ energy, scale }] = rows;
  return Array.from({ length: energy.length / 2 }, (_, at) => {
    const code = energy.readUInt16LE(at * 2);
    return code === 65_535 ? -1 : code * 10 ** scale;
  });
}

describe('XML 80020', () => {
  it('is loaded, with what was recognised, assumed and answered on the receipt', async () => {
    const receipt = await intake.load(
      bytesOf({ areas: [{ A: { '01': halfHours(1), '02': halfHours(2) } }] }),
    );
    expect(receipt).toMatchObject({
      status: 'loaded',
      layout: {
        layout: 'xml-80020',
        recognised: expect.stringContaining('XML 80020'),
        assumed: expect.arrayContaining([expect.stringContaining('territory')]),
        messages: [{ family: '80020', number: '1', period: '2026-03-01', code: 0 }],
      },
      counts: { accepted: 48, held: 0, rejected: 0, stored: { created: 1 } },
    });
    expect(await stored('A', '2026-03-01')).toEqual(halfHours(1000));
  });

  it('counts a point that stands in two areas once', async () => {
    const area = { B: { '01': halfHours(1) } };
    const { counts } = await intake.load(bytesOf({ areas: [area, area] }));
    expect(counts).toMatchObject({ duplicates: { equal: 48, different: 0 }, stored: { created: 1 } });
    expect(await stored('B', '2026-03-01')).toEqual(halfHours(1000));
  });

  it('lets the newest of a day’s messages stand, in whatever order they come', async () => {
    const message = (number: number, kwh: number) =>
      bytesOf({ number, day: '20260305', areas: [{ A: { '01': halfHours(kwh) } }] });
    await intake.load(message(810, 1));
    await intake.load(message(817, 2));
    const late = await intake.load(message(99, 3));
    expect(late.counts).toMatchObject({ accepted: 0, superseded: 48 });
    expect(await stored('A', '2026-03-05')).toEqual(halfHours(2000));
    await intake.load(zipOf({ 'b.xml': message(820, 5), 'a.xml': message(819, 4) }));
    expect(await stored('A', '2026-03-05')).toEqual(halfHours(5000));
  });

  it('takes several in one zip archive, and says which of its files can’t be read', async () => {
    const days = ['20260310', '20260311'].map((day) => bytesOf({ day, areas: [{ A: { '01': [1] } }] }));
    const receipt = await intake.load(zipOf({ '1.xml': days[0], 'note.pdf': '%PDF-1.4', '2.xml': days[1] }));
    expect(receipt.counts).toMatchObject({
      accepted: 2,
      rejected: 1,
      rejected_by_reason: { not_recognised: 1 },
    });
    expect(receipt.layout?.messages).toHaveLength(2);
    expect(await stored('A', '2026-03-11')).not.toBeNull();
  });

  it('takes gzip, and answers gaps and unknown points', async () => {
    const receipt = await intake.load(
      gzipSync(bytesOf({ day: '20260312', areas: [{ A: { '01': [null] }, nobody: { '01': [1] } }] })),
    );
    expect(receipt.layout?.messages).toMatchObject([{ code: 2 }]);
    expect(receipt.counts).toMatchObject({ blank: 1, held: 1 });
  });

  it('holds values sent to a code until the table of codes names its point', async () => {
    const code = '610000000000042';
    const feeder = '610000000000043';
    const areas = [{ [code]: { '01': halfHours(3) }, [feeder]: { '01': halfHours(9) } }];
    const receipt = await intake.load(bytesOf({ day: '20260320', areas }));
    expect(receipt.counts).toMatchObject({ accepted: 0, held: 96 });
    const table = `point_code;metering_point;transformer\n${code};C;\n${feeder};;T1\n1,2E+14;C;\n`;
    const codes = await intake.load(table, { kind: null });
    expect(codes).toMatchObject({
      kind: 'point-codes',
      counts: { accepted: 2, rejected: 1, stored: { created: 2 } },
    });
    expect(await stored('C', '2026-03-20')).toEqual(halfHours(3000));
    expect(await stored('T1', '2026-03-20', 'transformer')).toEqual(halfHours(9000));
    const { rows } = await intake.client.query(`select counts from upload where id = $1`, [receipt.id]);
    expect(rows[0].counts).toMatchObject({ held: 0, accepted: 96 });
    // A code and the point's own name in one file are one point.
    const both = [{ [code]: { '01': [1, null] }, C: { '01': [null, 2] } }];
    await intake.load(bytesOf({ day: '20260321', areas: both }));
    expect((await stored('C', '2026-03-21'))?.slice(0, 3)).toEqual([1000, 2000, -1]);
    const { rows: entries } = await intake.client.query(
      `select body from audit_entry where kind = 'point_codes.changed'`,
    );
    expect(entries).toHaveLength(1);
    expect(String(entries[0].body)).toContain(`${code}: – → C`);
  });

  it('goes on behind what is committed when a load was cut off, with the counts of one that was not', async () => {
    const areas = Array.from({ length: 3 }, (_, i) => ({ [['A', 'B', 'D'][i]]: { '01': halfHours(i + 1) } }));
    const message = bytesOf({ day: '20260325', areas });
    const whole = await intake.load(message);
    await intake.client.query(`update upload set status = 'loading', counts = $2 where id = $1`, [
      whole.id,
      {
        ...whole.counts,
        created: 1,
        accepted: 48,
        rows: 1,
        items: 3,
        rejectedByReason: {},
        duplicatesEqual: 0,
        duplicatesDifferent: 0,
        changed: 0,
        unchanged: 0,
        passedOver: 0,
        lastLine: 1,
      },
    ]);
    const again = await intake.load(message);
    expect(again.counts).toMatchObject({ accepted: 144, rows: 3 });
  });
});

describe('a file that is not read', () => {
  it.each([
    [
      'a DOCTYPE',
      '<?xml version="1.0"?><!DOCTYPE m><message class="80020"><measuringpoint/></message>',
      'DOCTYPE',
    ],
    ['XML of an unknown kind', '<?xml version="1.0"?><html><body/></html>', 'begins with <html>'],
    ['a RAR archive', 'Rar!\x1a\x07', 'RAR archive'],
    ['an archive in an archive', zipOf({ 'a.zip': zipOf({ b: 'c' }) }), 'itself an archive'],
    ['an archive of nothing', zipOf({}), 'no files'],
    ['a damaged archive', zipOf({ a: 'metering_point' }).subarray(0, 40), 'damaged'],
  ])('%s is refused with a sentence', async (_, content, sentence) => {
    const { status, refusal } = await intake.load(content, { kind: null });
    expect(status).toBe('refused');
    expect(refusal).toContain(sentence);
  });

  it('a zip archive of one CSV of ours is loaded as the CSV itself', async () => {
    const receipt = await intake.load(zipOf({ 'x.csv': 'metering_point,start,kwh\nB,2026-04-01T00:00,1\n' }));
    expect(receipt).toMatchObject({ status: 'loaded', layout: { layout: 'long' }, counts: { accepted: 1 } });
  });
});

describe('a table that does not say how it is to be read', () => {
  it('waits for its sender’s answer', async () => {
    const rows = ['01.03.2026 00:30', '01.03.2026 01:00', '01.03.2026 01:30', '01.03.2026 02:00'];
    const table = `Meter;Time;Value\n${rows.map((time) => `D;${time};100`).join('\n')}\n`;
    const held = await intake.load(table, { kind: null });
    expect(held).toMatchObject({ status: 'held', counts: { accepted: 0 } });
    expect(held.question).toEqual({
      about: 'unit',
      text: 'The file does not say the unit of its values: which is it (unit=kWh or another)?',
    });
    const { database, folder } = intake;
    await auditedTransaction(database.dataSource, (db, record) =>
      answerUpload(db, record, { uploadId: held.id, options: { unit: 'Wh' }, actor: systemActor('test') }),
    );
    const config = { dataDir: folder, rejectedRowsKept: 10 };
    expect(await loadNow(database, config, held.id)).toMatchObject({
      status: 'loaded',
      question: null,
      counts: { accepted: 4 },
    });
    expect(await stored('D', '2026-03-01')).toEqual([100, 100, 100, 100, ...Array<number>(44).fill(-1)]);
  });
});

describe('what was rejected', () => {
  it('can be fetched with its place, where the file can’t be written line by line', async () => {
    const message = bytesOf({ day: '20260401', areas: [{ A: { '01': [1, '<value>a "b"</value>'] } }] });
    const receipt = await intake.load(message);
    expect(receipt.layout?.messages).toMatchObject([{ code: 3 }]);
    const output = new PassThrough();
    const [text] = await Promise.all([
      streamText(output),
      writeRejects(intake.database, new Spool('nowhere'), receipt, output),
    ]);
    const lines = text.trimEnd().split('\r\n');
    expect(lines[0]).toBe('line,place,reason,detail,raw');
    expect(lines[1]).toMatch(/^\d+,"measuringpoint A, channel 01: period 0030","bad_number",".*","a ""b"""$/);
  });
});
