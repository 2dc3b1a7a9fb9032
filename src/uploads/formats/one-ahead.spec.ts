import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { oneAhead } from './one-ahead.js';

describe('one ahead', () => {
  const asked: number[] = [];
  let isClosed = false;
  async function* numbers(most: number, fails = Infinity): AsyncGenerator<number> {
    asked.length = 0;
    isClosed = false;
    try {
      for (let n = 1; n <= most; n++) {
        if (n === fails) throw new Error(`no ${n}`);
        asked.push(n);
        yield n;
      }
    } finally {
      isClosed = true;
    }
  }

  it('asks for the next while one is worked on, and gives all in their order', async () => {
    const seen: (readonly [number, number])[] = [];
    for await (const n of oneAhead(numbers(3))) {
      await sleep(1);
      seen.push([n, asked.length]);
    }
    expect(seen).toEqual([
      [1, 2],
      [2, 3],
      [3, 3],
    ]);
    expect(isClosed).toBe(true);
  });

  it('gives what came before a failure, then the failure', async () => {
    const seen: number[] = [];
    const all = async () => {
      for await (const n of oneAhead(numbers(9, 3))) {
        seen.push(n);
        await sleep(1);
      }
    };
    await expect(all()).rejects.toThrow('no 3');
    expect(seen).toEqual([1, 2]);
  });

  it('closes what it reads from when its reader breaks off', async () => {
    for await (const n of oneAhead(numbers(9))) {
      expect(n).toBe(1);
      break;
    }
    expect(isClosed).toBe(true);
  });
});
