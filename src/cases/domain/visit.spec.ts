import { checkBooking, checkReport, type VisitFinding } from './visit.js';

const now = new Date('2026-03-10T09:00:00Z');
const days = (count: number) => new Date(now.getTime() + count * 86_400_000);

describe('a visit', () => {
  it.each([
    ['now', 0, null],
    ['half an hour ago, on the doorstep', -0.5 / 24, null],
    ['yesterday', -1, /past/],
    ['in 90 days', 90, null],
    ['in 91 days', 91, /90 days ahead/],
  ])('booked for %s', (_, ahead, refused) => {
    const check = () => checkBooking(days(ahead), now);
    if (refused === null) expect(check).not.toThrow();
    else expect(check).toThrow(refused);
  });

  it.each<[string, VisitFinding[], number, RegExp | null]>([
    ['with findings', ['electric_heating', 'greenhouse'], -1, null],
    ['with nothing unusual', ['nothing_unusual'], -1, null],
    ['with nothing said', [], -1, /Say what/],
    ['with nothing unusual and something', ['nothing_unusual', 'greenhouse'], -1, /stands alone/],
    ['with no access and something', ['no_access', 'greenhouse'], -1, /stands alone/],
    ['with a finding twice', ['greenhouse', 'greenhouse'], -1, /twice/],
    ['before it took place', ['greenhouse'], 1, /yet to come/],
  ])('reported %s', (_, findings, ahead, refused) => {
    const check = () => checkReport({ doneAt: days(ahead), findings }, now);
    if (refused === null) expect(check).not.toThrow();
    else expect(check).toThrow(refused);
  });
});
