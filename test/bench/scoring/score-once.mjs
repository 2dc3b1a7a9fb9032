/** One scoring run in a process of its own: `score-once.mjs URL all|marked THREADS NOW` prints its seconds and peak memory. */
import { readFileSync } from 'node:fs';
import { connect } from '../../../dist/src/database/connection.js';
import { scorePoints } from '../../../dist/src/detection/score-points.js';
import { loadRulebook } from '../../../dist/src/rulebook/rulebook-file.js';
import { loadConfig } from '../../../dist/src/config/config.js';

const [url, selection, threads, now] = process.argv.slice(2);
const rulebook = loadRulebook(loadConfig({}).rulebookFile);
const summary = await scorePoints(
  { url, connect: () => connect(url) },
  { rulebook, now: new Date(now), threads: Number(threads), onlyMarked: selection === 'marked' },
);
const { seconds, rowsWritten } = summary;
console.log(JSON.stringify({ seconds, rowsWritten, peakMb: peakKb() / 1024 }));

/** Of this program: `resourceUsage` begins with the peak of whoever started it, which may hold DuckDB. */
function peakKb() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
