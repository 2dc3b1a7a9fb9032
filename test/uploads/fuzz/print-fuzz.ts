/** `print-fuzz.ts CASES SEED`: one JSON object, {@link FuzzReport}. */
import { runFuzz, type FuzzResult } from './run-fuzz.js';

export interface FuzzReport extends FuzzResult {
  /** What the process grew by, from when everything had been used once. */
  readonly growthBytes: number;
}

const [cases, seed] = process.argv.slice(2).map(Number);
await runFuzz(5000, seed - 10_000);
const before = process.memoryUsage.rss();
const result = await runFuzz(cases, seed);
const report: FuzzReport = { ...result, growthBytes: process.memoryUsage.rss() - before };
process.stdout.write(`${JSON.stringify(report)}\n`);
