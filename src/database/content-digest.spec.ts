import { ContentDigest } from './content-digest.js';

describe('the digest of a row', () => {
  it('is a safe integer that the same content gives again', () => {
    const digest = () => new ContentDigest().number(0.25).boolean(true).text('mining').text(null).value();
    expect(digest()).toBe(digest());
    expect(Number.isSafeInteger(digest())).toBe(true);
  });

  it('tells apart what differs', () => {
    const digests = new Set([
      new ContentDigest().value(),
      new ContentDigest().text(null).value(),
      new ContentDigest().text('').value(),
      new ContentDigest().text('ab').text('c').value(),
      new ContentDigest().text('a').text('bc').value(),
      new ContentDigest().number(0).value(),
      new ContentDigest().number(-0).value(),
      new ContentDigest().boolean(false).value(),
      new ContentDigest().boolean(true).value(),
    ]);
    expect(digests.size).toBe(9);
  });

  it('tells apart what fields hold, and how lists in them are cut', () => {
    const records = [
      {},
      { kw: 1 },
      { kw: '1' },
      { kw: null },
      { kw: [1, 2], at: [] },
      { kw: [1], at: [2] },
      { kw: { low: 1, high: 2 } },
      { kw: { low: 2, high: 1 } },
    ];
    const digests = records.map((record) => new ContentDigest().fields(record).value());
    expect(new Set(digests).size).toBe(records.length);
    expect(new ContentDigest().fields({ kw: { low: 1, high: 2 } }).value()).toBe(digests[6]);
  });

  it('spreads neighbours over all of its bits', () => {
    const counts = new Array<number>(53).fill(0);
    const rounds = 20_000;
    for (let i = 0; i < rounds; i++) {
      const value = new ContentDigest().number(i / 1000).value();
      for (let bit = 0; bit < 53; bit++) counts[bit] += Math.floor(value / 2 ** bit) % 2;
    }
    // Six standard deviations of a fair coin.
    for (const count of counts) expect(Math.abs(count - rounds / 2)).toBeLessThan(3 * Math.sqrt(rounds));
  });
});
