import { beforeAll, expect, it } from '@jest/globals';
import { TestProcess } from '../support/process.js';
import { describeWithRealData } from '../support/shared-data.js';
import type { RigTrial } from './rig-trial.js';

/** The figures of docs/detection.md, with a little room: what the trial found is what it must go on finding. */
describeWithRealData('real homes, with and without a rig, from file to score', (folder) => {
  let trial: RigTrial;

  // As npm run real-homes does it.
  beforeAll(async () => {
    const process = TestProcess.start('real/print-rig-trial.ts', [folder, '--json']);
    trial = await process.answer<RigTrial>();
  }, 240_000);

  it('accuses no real home, in any month', () => {
    expect(trial.homes).toBe(69);
    expect(trial.cleanScorings).toBeGreaterThan(6000);
    expect(trial.falseAlarms).toEqual([]);
  });

  it.each([
    [1, 0.6],
    [1.7, 0.95],
    [2.5, 0.95],
    [3.4, 0.95],
  ])('finds rigs of %d kW', (kw, share) => {
    const rigs = trial.rigs.filter((rig) => rig.kw === kw);
    expect(rigs.length).toBeGreaterThan(12);
    expect(rigs.filter(({ foundAfterDays }) => foundAfterDays !== null).length).toBeGreaterThanOrEqual(
      rigs.length * share,
    );
  });

  it('dates them within a day', () => {
    const errors = trial.rigs.flatMap(({ onsetErrorDays }) =>
      onsetErrorDays === null ? [] : [onsetErrorDays],
    );
    expect(errors.filter((error) => error <= 1).length).toBeGreaterThanOrEqual(errors.length * 0.9);
  });
});
