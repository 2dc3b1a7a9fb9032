import { expect, it } from '@jest/globals';
import { FORMAT_SEEDS } from './format-seeds.js';
import { fuzzFormats } from './fuzz-formats.js';
import { runFuzz } from './run-fuzz.js';

/** `npm run fuzz` takes ten million. */
const CASES = Number(process.env.FUZZ_CASES ?? 200_000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121);
/** Of each format that utilities send, some. */
const FORMAT_CASES = Math.ceil(CASES / 100);
const MOST_GROWTH_BYTES = 400 * 2 ** 20;

it(
  `${CASES} broken files: no crash, no hang, bounded memory, and each refusal names line and field (seed ${SEED})`,
  async () => {
    await runFuzz(5000, SEED - 10_000);
    const before = process.memoryUsage.rss();
    const { faults, refused, rejected } = await runFuzz(CASES, SEED);
    expect(faults).toEqual([]);
    // They were read: neither refused all together nor let through.
    expect(refused).toBeGreaterThan(CASES * 0.02);
    expect(refused).toBeLessThan(CASES * 0.6);
    expect(rejected).toBeGreaterThan(CASES * 0.2);
    expect(process.memoryUsage.rss() - before).toBeLessThan(MOST_GROWTH_BYTES);
  },
  60_000 + CASES,
);

it(
  `${FORMAT_CASES} broken files of every format that is read: items with their places, or a refusal (seed ${SEED})`,
  async () => {
    const { decoded, refused, faults } = await fuzzFormats(FORMAT_CASES, SEED);
    expect(faults).toEqual([]);
    const enough = FORMAT_CASES / 100;
    for (const target of [...Object.keys(FORMAT_SEEDS), 'mqtt-payload'])
      expect([target, (decoded[target] ?? 0) + (refused[target] ?? 0) > enough]).toEqual([target, true]);
  },
  60_000 + CASES,
);
