import { jest } from '@jest/globals';
import { keptFor } from './kept-for.js';

const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('keptFor', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'], now: 0 }));
  afterEach(() => jest.useRealTimers());

  it('asks once while the answer is fresh, and gives the old one while it asks again', async () => {
    let asked = 0;
    const get = keptFor(1_000, async () => ++asked);
    expect([await get(), await get()]).toEqual([1, 1]);
    jest.setSystemTime(2_000);
    expect(await get()).toBe(1);
    await soon();
    expect(await get()).toBe(2);
    expect(asked).toBe(2);
  });

  it('keeps the old answer when a new one fails, and asks again', async () => {
    const answers = [Promise.resolve('first'), Promise.reject(new Error('away')), Promise.resolve('third')];
    answers[1].catch(() => {});
    const get = keptFor(1_000, () => answers.shift()!);
    await get();
    jest.setSystemTime(2_000);
    expect(await get()).toBe('first');
    await soon();
    expect(await get()).toBe('first');
    await soon();
    expect(await get()).toBe('third');
  });

  it('keeps what was dear for fifty times as long as it took', async () => {
    let asked = 0;
    const get = keptFor(1_000, async () => {
      jest.setSystemTime(Date.now() + 2_000);
      return ++asked;
    });
    await get();
    for (const [at, answer] of [
      [2_000 + 99_999, 1],
      [2_000 + 100_000, 1],
      [2_000 + 100_001, 2],
    ]) {
      jest.setSystemTime(at);
      expect(await get()).toBe(answer);
      await soon();
    }
  });

  it('tells the first who asks that it failed', async () => {
    const get = keptFor(1_000, () => Promise.reject(new Error('away')));
    await expect(get()).rejects.toThrow('away');
  });
});
