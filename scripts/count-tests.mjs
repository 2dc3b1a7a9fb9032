/**
 * Prints `N passed, N failed` (and `, N skipped` when there are) from the results file that jest wrote with --json.
 * Prints nothing when there is none: tests that never ran must not be counted.
 */
import { readFileSync } from 'node:fs';

const results = read(process.argv[2]);
if (results) {
  // A file that does not load runs no test, yet it failed.
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  const counts = [`${results.numPassedTests} passed`, `${failed} failed`];
  if (skipped > 0) counts.push(`${skipped} skipped`);
  console.log(counts.join(', '));
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
