import { expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { RulebookMetrics } from '../../src/rulebook/rulebook.metrics.js';
import { RulebookModule } from '../../src/rulebook/rulebook.module.js';
import { RULEBOOK } from '../../src/rulebook/rulebook.token.js';
import type { LoadedRulebook } from '../../src/rulebook/rulebook-file.js';

const path = new URL('../../rulebook/ru.json', import.meta.url).pathname;

it('gives everybody the one frozen rulebook, and counts its rules', async () => {
  const module = await Test.createTestingModule({ imports: [RulebookModule.forFile(path)] }).compile();
  const rulebook = module.get<LoadedRulebook>(RULEBOOK);
  expect(Object.isFrozen(rulebook)).toBe(true);
  expect(rulebook.version).toMatch(/^[0-9a-f]{64}$/);

  const metrics = module.get(RulebookMetrics);
  const { values } = await metrics.rules.get();
  const counts = Object.fromEntries(
    values.map(({ labels, value }) => [`${labels.kind} ${labels.status}`, value]),
  );
  expect(counts).toMatchObject({
    'quota in_force': 1,
    'ban in_force': 11,
    'ban pending': 2,
    'seasonal_ban superseded': 1,
  });
  expect((await metrics.info.get()).values[0].labels).toEqual({
    rulebook: 'ru',
    version: rulebook.version.slice(0, 12),
  });
  await module.close();
});

it('does not start on a wrong file', async () => {
  const start = Test.createTestingModule({ imports: [RulebookModule.forFile('/nowhere.json')] }).compile();
  await expect(start).rejects.toThrow('The rulebook /nowhere.json cannot be read');
});
