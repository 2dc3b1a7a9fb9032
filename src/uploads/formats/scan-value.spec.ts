import { describe, expect, it } from '@jest/globals';
import { BLANK, NEGATIVE, NOT_A_NUMBER, scanWh, SENTINEL, TOO_LARGE } from './scan-value.js';

describe('scanWh', () => {
  it.each([
    ['0', 0],
    ['0.851', 851],
    ['0,851', 851],
    ['2.5', 2500],
    ['.5', 500],
    ['7.', 7000],
    ['12', 12_000],
    ['0.0004', 0],
    ['0.0005', 1],
    ['0.12349999', 123],
    ['1.2345', 1235],
    ['+1.5', 1500],
    [' 1.5 ', 1500],
    ['5.0E-1', 500],
    ['1e1', 10_000],
    ['10000', 10_000_000],
    ['', BLANK],
    ['   ', BLANK],
    ['NaN', BLANK],
    ['null', BLANK],
    ['н/д', BLANK],
    ['-', BLANK],
    ['-0.5', NEGATIVE],
    ['\u22120,5', NEGATIVE],
    ['abc', NOT_A_NUMBER],
    ['1.2.3', NOT_A_NUMBER],
    ['1,234.5', NOT_A_NUMBER],
    ['.', NOT_A_NUMBER],
    ['0x10', NOT_A_NUMBER],
    ['1.2345x', NOT_A_NUMBER],
    ['12 345', NOT_A_NUMBER],
    ['Infinity', NOT_A_NUMBER],
    ['16777.215', SENTINEL],
    ['4294967.295', SENTINEL],
    ['4294967295', SENTINEL],
    ['10000.001', TOO_LARGE],
    ['99999999999999999999', TOO_LARGE],
    ['1e300', TOO_LARGE],
  ])('%j is %d Wh', (text, expected) => {
    const padded = Buffer.from(`;${text};`);
    expect(scanWh(padded, 1, padded.length - 1)).toBe(expected);
  });
});
