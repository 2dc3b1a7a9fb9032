import { expect, it } from '@jest/globals';
import { TestProcess } from '../../support/process.js';
import { FORMAT_SEEDS } from './format-seeds.js';
import type { FormatFuzzResult } from './fuzz-formats.js';
import type { FuzzReport } from './print-fuzz.js';

/** `npm run fuzz` takes ten million. */
const CASES = Number(process.env.FUZZ_CASES ?? 200_000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121);
/** Of each format that utilities send, some. */
const FORMAT_CASES = Math.ceil(CASES / 200);
const MOST_GROWTH_BYTES = 400 * 2 ** 20;

it(
  `${CASES} broken files: no crash, no hang, bounded memory, and each refusal names line and field (seed ${SEED})`,
  async () => {
    // In a process of its own, so that what it grows by is its own.
    const fuzz = TestProcess.start('uploads/fuzz/print-fuzz.ts', [String(CASES), String(SEED)]);
    const { faults, refused, rejected, growthBytes } = await fuzz.answer<FuzzReport>();
    expect(faults).toEqual([]);
    // They were read: neither refused all together nor let through.
    expect(refused).toBeGreaterThan(CASES * 0.02);
    expect(refused).toBeLessThan(CASES * 0.6);
    expect(rejected).toBeGreaterThan(CASES * 0.2);
    expect(growthBytes).toBeLessThan(MOST_GROWTH_BYTES);
  },
  60_000 + CASES,
);

it(
  `${FORMAT_CASES} broken files of every format that is read: items with their places, or a refusal (seed ${SEED})`,
  async () => {
    const fuzz = TestProcess.start('uploads/fuzz/print-format-fuzz.ts', [String(FORMAT_CASES), String(SEED)]);
    const { decoded, refused, faults } = await fuzz.answer<FormatFuzzResult>();
    expect(faults).toEqual([]);
    const enough = FORMAT_CASES / 100;
    for (const target of [...Object.keys(FORMAT_SEEDS), 'mqtt-payload'])
      expect([target, (decoded[target] ?? 0) + (refused[target] ?? 0) > enough]).toEqual([target, true]);
  },
  60_000 + CASES,
);
