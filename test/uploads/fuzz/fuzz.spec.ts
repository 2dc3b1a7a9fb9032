import { expect, it } from '@jest/globals';
import { TestProcess } from '../../support/process.js';
import type { FuzzReport } from './print-fuzz.js';

/** `npm run fuzz` takes ten million. */
const CASES = Number(process.env.FUZZ_CASES ?? 200_000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121);
const MOST_GROWTH_BYTES = 400 * 2 ** 20;

it(
  `${CASES} broken files: no crash, no hang, bounded memory, and each refusal names line and field (seed ${SEED})`,
  async () => {
    // In a process of its own: decoding is several times slower inside the test runner's module sandbox.
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
