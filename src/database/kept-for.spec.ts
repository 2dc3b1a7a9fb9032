import { keptFor } from './kept-for.js';

const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('keptFor', () => {
  let now: number;
  const clock = () => now;
  beforeEach(() => {
    now = 0;
  });

  it('asks once while the answer is fresh, and gives the old one while it asks again', async () => {
    let asked = 0;
    const get = keptFor(1_000, async () => ++asked, clock);
    expect([await get(), await get()]).toEqual([1, 1]);
    now = 2_000;
    expect(await get()).toBe(1);
    await soon();
    expect(await get()).toBe(2);
    expect(asked).toBe(2);
  });

  it('keeps the old answer when a new one fails, and asks again', async () => {
    const answers = [Promise.resolve('first'), Promise.reject(new Error('away')), Promise.resolve('third')];
    answers[1].catch(() => {});
    const get = keptFor(1_000, () => answers.shift()!, clock);
    await get();
    now = 2_000;
    expect(await get()).toBe('first');
    await soon();
    expect(await get()).toBe('first');
    await soon();
    expect(await get()).toBe('third');
  });

  it('keeps what was dear for fifty times as long as it took', async () => {
    let asked = 0;
    const load = async () => {
      now += 2_000;
      return ++asked;
    };
    const get = keptFor(1_000, load, clock);
    await get();
    for (const [at, answer] of [
      [2_000 + 99_999, 1],
      [2_000 + 100_000, 1],
      [2_000 + 100_001, 2],
    ]) {
      now = at;
      expect(await get()).toBe(answer);
      await soon();
    }
  });

  it('tells the first who asks that it failed', async () => {
    const get = keptFor(1_000, () => Promise.reject(new Error('away')), clock);
    await expect(get()).rejects.toThrow('away');
  });
});
