import { judgeCorrections } from './corrections.js';

describe('corrections', () => {
  it.each([
    ['as many up as down', { changed: 1000, lower: 500 }, null],
    ['all of five down', { changed: 5, lower: 5 }, null],
    ['nine in ten of a thousand down', { changed: 1000, lower: 900 }, 'corrections_lower_use'],
    ['none at all', { changed: 0, lower: 0 }, null],
  ])('%s', (_, days, remark) => {
    expect(judgeCorrections(days).remark).toBe(remark);
  });
});
