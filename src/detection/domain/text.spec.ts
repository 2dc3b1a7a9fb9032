import { expect, it } from '@jest/globals';
import { formatDate, formatHour, formatMonth, formatNumber, formatPercent, pluralRu } from './text.js';

it.each([
  [0, '0', '0'],
  [3.25, '3,25', '3.25'],
  [0.1, '0,1', '0.1'],
  [6000, '6\u00a0000', '6,000'],
  [1234567.891, '1\u00a0234\u00a0567,89', '1,234,567.89'],
  [-12.5, '−12,5', '−12.5'],
  [-0.001, '0', '0'],
  [999.999, '1\u00a0000', '1,000'],
])('%p is written %p and %p', (value, ru, en) => {
  expect(formatNumber(value, 'ru')).toBe(ru);
  expect(formatNumber(value, 'en')).toBe(en);
});

it('writes percentages, dates, months and hours', () => {
  expect([formatPercent(0.123, 'ru', 1), formatPercent(0.123, 'en', 1)]).toEqual(['12,3\u00a0%', '12.3%']);
  expect([formatDate('2026-05-09', 'ru'), formatDate('2026-05-09', 'en')]).toEqual([
    '9 мая 2026 г.',
    '9 May 2026',
  ]);
  expect([formatMonth('2026-05-01', 'ru'), formatMonth('2026-05-01', 'en')]).toEqual([
    'май 2026 г.',
    'May 2026',
  ]);
  expect(formatHour('2026-05-09T07:00', 'ru')).toBe('9 мая 2026 г., 07:00');
});

it.each([
  [1, 'день'],
  [2, 'дня'],
  [4, 'дня'],
  [5, 'дней'],
  [11, 'дней'],
  [12, 'дней'],
  [21, 'день'],
  [22, 'дня'],
  [111, 'дней'],
  [0, 'дней'],
  [2.5, 'дня'],
])('%p %s', (count, form) => {
  expect(pluralRu(count, 'день', 'дня', 'дней')).toBe(form);
});
