import { fuzzFormats } from './fuzz-formats.js';

/** `print-format-fuzz.ts CASES SEED`: changed files of every format, and what became of them, as JSON. */
const [cases, seed] = process.argv.slice(2).map(Number);
process.stdout.write(`${JSON.stringify(await fuzzFormats(cases, seed))}\n`);
