import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { UsageError } from '../../src/config/errors.js';
import { inspectCommand } from '../../src/uploads/inspect.command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gridwarden-inspect-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

/** What `gridwarden inspect …` prints of a file of this text, and how it ends. */
async function inspect(text: string, ...args: string[]): Promise<{ printed: string; exitCode: unknown }> {
  const file = path.join(folder, 'file.csv');
  await writeFile(file, text);
  let printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  await inspectCommand()
    .exitOverride()
    .parseAsync([file, ...args], { from: 'user' });
  return { printed: printed.replaceAll(file, 'FILE'), exitCode: process.exitCode };
}

const READINGS =
  '{"metering_point":"A","start":"2026-03-01T00:00Z","kwh":0.5}\n' +
  '{"metering_point":"A","start":"2026-03-01T01:00Z","kwh":1.5}\n' +
  '{"metering_point":"B","start":"2026-03-01T00:00Z","kwh":-1}\n';

describe('gridwarden inspect', () => {
  it('says in plain lines what is in a file', async () => {
    const { printed, exitCode } = await inspect(READINGS);
    expect(exitCode).toBeUndefined();
    const lines = printed.split('\n').map((line) => line.trim());
    expect(lines[0]).toBe(`FILE: ${READINGS.length} bytes, plain`);
    expect(lines).toEqual(
      expect.arrayContaining([
        'Interval readings, NDJSON / Показания по интервалам, NDJSON (readings-ndjson)',
        'recognised: Interval readings, one JSON object each, in kWh.',
        'assumed: An interval is an hour unless interval_minutes says otherwise.',
        'intervals: 60 minutes, energy in kWh',
        'values: 2, missing 0; consumption 2 kWh, export 0 kWh',
        'problems: 1',
        'negative: 1',
      ]),
    );
    expect(printed).toMatch(/time: 2026-03-01T00:00\S* to 2026-03-01T02:00/);
    expect(printed).toMatch(/point=A channel=import start=2026-03-01T00:00\S* minutes=60 kwh=0\.5 quality=0/);
    expect(printed).toMatch(/line 3, kwh: The energy is negative/);
  });

  it('says the same as one JSON object', async () => {
    const { printed } = await inspect(READINGS, '--json');
    expect(JSON.parse(printed)).toMatchObject({
      bytes: READINGS.length,
      packing: 'plain',
      parts: [{ format: 'readings-ndjson', kind: 'readings', refusal: null }],
      interval_minutes: [60],
      totals: { points: 1, values: 2, import_kwh: 2, export_kwh: 0 },
      problems: { count: 1, by_reason: { negative: 1 }, first: [{ line: 3, field: 'kwh' }] },
    });
  });

  it('takes what the upload would say beside the file', async () => {
    const text = 'from;consumption\n' + [10, 11, 12].map((hour) => `2025-02-01 ${hour}:00;5\n`).join('');
    const { printed, exitCode } = await inspect(text);
    expect(printed).toContain('not read: The file does not say the unit');
    expect(exitCode).toBe(1);
    process.exitCode = undefined;
    const args = ['--unit', 'Wh', '--point', 'M9', '--ct', 'not-applied', '--ct-ratio', '40', '--json'];
    const answered = await inspect(text, ...args);
    expect(JSON.parse(answered.printed)).toMatchObject({
      totals: { points: 1, import_kwh: 0.6 },
      points: [{ point: 'M9' }],
      problems: { count: 0 },
    });
    expect(answered.exitCode).toBeUndefined();
  });

  it('says of an empty file what an upload of it is answered', async () => {
    const { printed, exitCode } = await inspect('');
    expect(printed).toContain('not read: The file is empty.');
    expect(exitCode).toBe(1);
  });

  it('says of a folder what to name instead', async () => {
    const failed = inspectCommand().exitOverride().parseAsync([folder], { from: 'user' });
    await expect(failed).rejects.toThrow(`${folder} is a folder: name the files in it (${folder}/*)`);
  });

  it.each([
    ['a zone that is none', ['--zone', 'Mars/Olympus'], 'no time zone'],
    ['half an answer', ['--ct', 'twice'], 'needs ct_ratio'],
  ])('refuses %s', async (_, args, sentence) => {
    const failed = inspect(READINGS, ...args);
    await expect(failed).rejects.toThrow(UsageError);
    await expect(failed).rejects.toThrow(sentence);
  });
});
