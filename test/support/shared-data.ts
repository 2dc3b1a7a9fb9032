import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { projectRoot } from '../../src/config/project-root.js';

/**
 * Folder of other people's meter data that tests may read but the project may not hold: beside the checkout, or where
 * SHARED_METER_DATA says. Null when this machine has none.
 */
export function sharedData(): string | null {
  const folder = process.env.SHARED_METER_DATA ?? path.join(projectRoot, '..', 'shared', 'data');
  return existsSync(path.join(folder, 'households')) ? folder : null;
}

/** `describe` that is skipped, and says so loudly, where the real data is missing. */
export function describeWithRealData(name: string, tests: (folder: string) => void): void {
  const folder = sharedData();
  if (folder !== null) {
    describe(name, () => tests(folder));
    return;
  }
  process.stderr.write(
    `\n*** SKIPPED, the real meter data is not on this machine (set SHARED_METER_DATA): ${name}\n\n`,
  );
  // Not the tests themselves: some read the folder to know what there is to test.
  describe.skip(name, () => it('on real meter data', () => {}));
}
