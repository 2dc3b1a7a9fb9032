import { pauseAfter, RETRY_PAUSES_SECONDS } from './backoff.js';

describe('pauseAfter', () => {
  it.each([
    { name: 'the first failure', attempts: 1, options: { chance: 0 }, pause: 5 },
    { name: 'the second, half the jitter', attempts: 2, options: { chance: 0.5 }, pause: 315 },
    { name: 'the last pause', attempts: 9, options: { chance: 0 }, pause: 86_400 },
    { name: 'the last failure', attempts: 10, options: { chance: 0 }, pause: null },
    { name: 'a claim more than there are pauses', attempts: 12, options: { chance: 0 }, pause: null },
    { name: 'a longer wish', attempts: 1, options: { chance: 0, wishedSeconds: 60 }, pause: 60 },
    { name: 'a shorter wish', attempts: 2, options: { chance: 0, wishedSeconds: 1 }, pause: 300 },
    { name: 'a wish without end', attempts: 1, options: { chance: 0, wishedSeconds: 1e9 }, pause: 86_400 },
  ])('after $name: $pause s', ({ attempts, options, pause }) => {
    expect(pauseAfter(attempts, options)).toBe(pause);
  });

  it('goes on for three days', () => {
    const hours = RETRY_PAUSES_SECONDS.reduce((sum, pause) => sum + pause, 0) / 3600;
    expect(hours).toBeGreaterThan(72);
    expect(hours).toBeLessThan(80);
  });
});
