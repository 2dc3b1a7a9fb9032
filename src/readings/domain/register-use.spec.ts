import { dayFromIso, isoFromDay, monthStart, nextMonthStart } from '../../grid/domain/calendar.js';
import type { RegisterReading, TariffZone } from './register-segments.js';
import { registerUse, type KnownDays } from './register-use.js';

const minutes = (time: string) => Date.parse(`${time}Z`) / 60_000;
const day = (iso: string) => dayFromIso(iso)!;

/** `2026-01-26 1000.5 [serial] [zone] [/ratio] [?]`, a reading a line; midnight unless a time follows the date. */
function read(text: string): RegisterReading[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [time, kwh, ...rest] = line.trim().split(/\s+/);
      return {
        atMinutes: minutes(time.length === 10 ? `${time}T00:00` : time),
        kwh: Number(kwh),
        serial: rest.find((word) => word.startsWith('#')) ?? '',
        zone: (rest.find((word) => /^(T\d|total)$/.test(word)) ?? 'total') as TariffZone,
        ctRatio: Number(rest.find((word) => word.startsWith('/'))?.slice(1) ?? 1),
        isActual: !rest.includes('?'),
      };
    });
}

/** `month kwh(allocated) hours/expected flags` of each month of 2026 up to May. */
function months(text: string, known: KnownDays | null = null): string[] {
  const use = registerUse(read(text), { from: day('2026-01-01'), to: day('2026-05-01') }, known);
  return use.map((month) =>
    [
      isoFromDay(month.month).slice(0, 7),
      `${month.kwh}(${month.allocatedKwh})`,
      `${month.hoursPresent}/${month.hoursExpected}`,
      ...(month.source === 'registers' ? [] : [month.source]),
      ...month.flags,
    ].join(' '),
  );
}

/** Interval days of `kwh` each. */
function known(from: string, count: number, kwh: number, minutesPresent = 1440): KnownDays {
  return {
    firstDay: day(from),
    dailyKwh: new Float32Array(count).fill(kwh),
    minutesPresent: new Uint16Array(count).fill(minutesPresent),
  };
}

describe('months from registers', () => {
  it.each<[string, string, string[]]>([
    ['nothing', '2026-01-26 5', []],
    [
      'read at the turn of the month',
      '2026-01-01 1000\n2026-02-01 1310\n2026-03-01 1590',
      [
        '2026-01 310(0) 744/744',
        '2026-02 280(0) 672/672',
        '2026-03 0(0) 0/744 intervals',
        '2026-04 0(0) 0/720 intervals',
      ],
    ],
    [
      'read on the 26th (the worked example)',
      '2026-01-26 1000\n2026-02-26 1310',
      [
        '2026-01 60(60) 144/744',
        '2026-02 250(250) 600/672',
        '2026-03 0(0) 0/744 intervals',
        '2026-04 0(0) 0/720 intervals',
      ],
    ],
    [
      'read within the month: bound to it, not the whole of it',
      '2026-04-10T12:00 5\n2026-04-20T12:00 105',
      ['2026-04 100(0) 240/720'],
    ],
    [
      'rollover',
      '2026-03-01 99950\n2026-04-01 30\n2026-05-01 60',
      ['2026-03 80(0) 744/744 rollover', '2026-04 30(0) 720/720'],
    ],
    [
      'a meter swapped at one moment',
      '2026-03-01 5000 #1\n2026-03-11 5100 #1\n2026-03-11 3 #2\n2026-04-01 213 #2',
      ['2026-03 310(0) 744/744 meter_swap', '2026-04 0(0) 0/720 intervals'],
    ],
    [
      'a meter swapped between readings: its gap is missing',
      '2026-03-01 5000 #1\n2026-03-11 5100 #1\n2026-03-21 3 #2\n2026-04-01 113 #2',
      ['2026-03 210(0) 504/744 meter_swap', '2026-04 0(0) 0/720 intervals'],
    ],
    [
      'a new meter and a serial that came to be stated later',
      '2026-03-01 5000\n2026-03-11 5100 #1\n2026-04-01 5310\n2026-05-01 5320 #1',
      ['2026-03 310(0) 744/744', '2026-04 10(0) 720/720'],
    ],
    [
      'reset to zero',
      '2026-03-01 5000\n2026-03-11 5100\n2026-03-21 4\n2026-04-01 114',
      ['2026-03 210(0) 504/744 reset', '2026-04 0(0) 0/720 intervals'],
    ],
    [
      'a fall that nothing explains is never negative use',
      '2026-03-01 5000\n2026-03-11 4000\n2026-03-21 4100\n2026-04-01 4110',
      ['2026-03 110(0) 504/744 falling', '2026-04 0(0) 0/720 intervals'],
    ],
    [
      'one reading too low, one too high',
      '2026-03-01 5000\n2026-03-11 51\n2026-03-21 5200\n2026-04-01 5310\n2026-04-11 5999\n2026-04-21 5510\n2026-05-01 5610',
      ['2026-03 310(0) 744/744 misread', '2026-04 300(0) 720/720 misread'],
    ],
    [
      'faster than a meter can',
      '2026-03-01 5000\n2026-03-02 9000\n2026-04-01 9310',
      ['2026-03 310(0) 720/744 too_fast', '2026-04 0(0) 0/720 intervals'],
    ],
    [
      'a step back by rounding',
      '2026-03-01 5000.7\n2026-04-01 5000\n2026-05-01 5010',
      ['2026-03 0(0) 744/744', '2026-04 10(0) 720/720'],
    ],
    [
      'the transformer ratio, once; the smaller one when it changed',
      '2026-03-01 10 /40\n2026-04-01 20 /40\n2026-05-01 30 /60',
      ['2026-03 400(0) 744/744', '2026-04 400(0) 720/720 ct_changed'],
    ],
    [
      'tariff zones without a total',
      '2026-03-01 10 T1\n2026-03-01 5 T2\n2026-04-01 110 T1\n2026-04-01 55 T2',
      ['2026-03 150(0) 744/744', '2026-04 0(0) 0/720 intervals'],
    ],
    [
      'tariff zones beside the total, which counts; they disagree',
      '2026-03-01 15 total\n2026-03-01 10 T1\n2026-03-01 5 T2\n2026-04-01 165\n2026-04-01 110 T1\n2026-04-01 95 T2',
      ['2026-03 150(0) 744/744 zones_disagree', '2026-04 0(0) 0/720 intervals'],
    ],
    [
      'a zone that was not read: missing, not zero',
      '2026-03-01 10 T1\n2026-03-01 5 T2\n2026-04-01 110 T1\n2026-04-01 55 T2\n2026-05-01 210 T1',
      ['2026-03 150(0) 744/744', '2026-04 0(0) 0/720 intervals'],
    ],
    [
      'the total blank, the zones read: each stands in for the other',
      '2026-03-01 15 total\n2026-03-01 10 T1\n2026-03-01 5 T2\n2026-04-01 110 T1\n2026-04-01 55 T2\n',
      ['2026-03 150(0) 744/744', '2026-04 0(0) 0/720 intervals'],
    ],
    [
      'a mistyped serial does not double the use',
      '2026-03-01 100 #12\n2026-03-11 200 #12\n2026-03-21 300 #21\n2026-04-01 410 #12\n2026-04-11 510 #21\n2026-05-01 710 #12',
      ['2026-03 310(0) 744/744 meter_swap two_meters', '2026-04 300(0) 720/720 two_meters'],
    ],
    [
      'an estimated reading bounds nothing',
      '2026-03-01 100\n2026-04-01 410 ?\n2026-05-01 710',
      ['2026-03 310(310) 744/744 estimated_reading', '2026-04 300(300) 720/720 estimated_reading'],
    ],
  ])('%s', (_, text, expected) => {
    expect(months(text)).toEqual(expected);
  });
});

describe('registers beside intervals', () => {
  it('whole days of intervals count, the register fills in what they leave open', () => {
    // 310 kWh in March, 10 days of 20 kWh measured: 110 kWh for the other 21 days.
    expect(months('2026-03-01 1000\n2026-04-01 1310', known('2026-03-05', 10, 20))).toEqual([
      '2026-03 310(0) 744/744 mixed',
      '2026-04 0(0) 0/720 intervals',
    ]);
  });

  it('what lies open in one month is measured, though the readings are of two', () => {
    const intervals = known('2026-03-01', 31, 10);
    expect(months('2026-02-25 1000\n2026-03-26 1300', intervals).slice(0, 2)).toEqual([
      // 4 days of February: 300 − 25 × 10.
      '2026-02 50(0) 96/672',
      '2026-03 310(0) 744/744 intervals',
    ]);
  });

  it('a day of intervals in part is the register’s', () => {
    expect(months('2026-03-01 1000\n2026-04-01 1310', known('2026-03-05', 10, 3, 1380))[0]).toBe(
      '2026-03 310(0) 744/744',
    );
    expect(months('2026-03-01 1000', known('2026-03-05', 10, 3, 1380))[0]).toBe(
      '2026-03 30(0) 230/744 intervals',
    );
  });

  it('intervals above the register stand, and the register has nothing left', () => {
    expect(months('2026-03-01 1000\n2026-04-01 1310', known('2026-03-01', 30, 20))[0]).toBe(
      '2026-03 600(0) 744/744 mixed intervals_disagree',
    );
    expect(months('2026-03-01 1000\n2026-04-01 1310', known('2026-03-01', 31, 9))[0]).toBe(
      '2026-03 279(0) 744/744 intervals intervals_disagree',
    );
  });
});

/** sfc32, so that a failure can be run again by its seed. */
function random(seed: number): () => number {
  let [a, b, c, d] = [seed, 0x9e3779b9, 0x243f6a88, 1];
  return () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
}

const FIRST = day('2025-10-01');
const DAYS = 212;

/** A home's true use by hour, its meters one after the other, their readings, and what an hour-by-hour reckoning makes of them. */
function simulatedPoint(seed: number) {
  const next = random(seed);
  const between = (low: number, high: number) => low + next() * (high - low);
  const hourly = Float64Array.from({ length: DAYS * 24 }, () => between(0, 1.6));
  const dayKwh = (at: number) => hourly.slice(at * 24, at * 24 + 24).reduce((a, b) => a + b, 0);
  const isKnown = Array.from({ length: DAYS }, () => false);
  if (next() < 0.6) {
    const from = Math.floor(between(0, DAYS));
    for (let at = from; at < Math.min(DAYS, from + between(1, 90)); at++) isKnown[at] = next() < 0.9;
  }
  const readings: RegisterReading[] = [];
  const expected = new Map<number, { kwh: number; allocatedKwh: number; hours: number }>();
  const monthOf = (hour: number) => monthStart(FIRST + Math.floor(hour / 24));
  const add = (hour: number, kwh: number, allocated: boolean) => {
    const month = expected.get(monthOf(hour)) ?? { kwh: 0, allocatedKwh: 0, hours: 0 };
    month.kwh += kwh;
    month.hours++;
    if (allocated) month.allocatedKwh += kwh;
    expected.set(monthOf(hour), month);
  };
  hourly.forEach((kwh, hour) => {
    if (isKnown[Math.floor(hour / 24)]) add(hour, kwh, false);
  });

  const meters = 1 + Math.floor(between(0, 3));
  const layout = ['total', 'zones', 'both'][Math.floor(between(0, 3))];
  let hour = Math.floor(between(0, 200));
  for (let meter = 0; meter < meters; meter++) {
    const ctRatio = [1, 1, 20, 40][Math.floor(between(0, 4))];
    const capacity = 10 ** Math.floor(between(4, 7));
    const zones: TariffZone[] = ['total', 'T1', 'T2'];
    const register = zones.map(() => (next() < 0.3 ? capacity - between(1, 60 / ctRatio) : between(0, 500)));
    const end = meter === meters - 1 ? DAYS * 24 - 1 : hour + Math.floor(between(30 * 24, 80 * 24));
    const times = [hour];
    while (times.at(-1)! < Math.min(end, DAYS * 24 - 1)) {
      // Some utilities read at the turn of the month, some whenever they come.
      const month = (nextMonthStart(FIRST + Math.floor(times.at(-1)! / 24)) - FIRST) * 24;
      const step = next() < 0.4 ? month - times.at(-1)! : Math.floor(between(5, 40 * 24));
      times.push(Math.min(end, DAYS * 24 - 1, times.at(-1)! + step));
    }
    times.forEach((time, at) => {
      if (at > 0) {
        const hours = Array.from({ length: time - times[at - 1] }, (_, i) => times[at - 1] + i);
        for (const each of hours) {
          const isDay = each % 24 >= 7 && each % 24 < 23;
          const kwh = hourly[each] / ctRatio;
          register[0] = (register[0] + kwh) % capacity;
          register[isDay ? 1 : 2] = (register[isDay ? 1 : 2] + kwh) % capacity;
        }
        const open = hours.filter((each) => !isKnown[Math.floor(each / 24)]);
        // A known day is known as a whole: a reading in its middle finds half of it on either side.
        const knownKwh = hours
          .filter((each) => isKnown[Math.floor(each / 24)])
          .reduce((sum, each) => sum + dayKwh(Math.floor(each / 24)) / 24, 0);
        const openKwh = Math.max(0, hours.reduce((sum, each) => sum + hourly[each], 0) - knownKwh);
        const allocated = new Set(open.map(monthOf)).size > 1;
        for (const each of open) add(each, openKwh / open.length, allocated);
      }
      zones.forEach((zone, index) => {
        if ((zone === 'total' && layout === 'zones') || (zone !== 'total' && layout === 'total')) return;
        readings.push({
          atMinutes: FIRST * 1440 + time * 60,
          serial: `M${meter}`,
          zone,
          kwh: register[index],
          ctRatio,
          isActual: true,
        });
      });
    });
    hour = times.at(-1)! + Math.floor(next() < 0.5 ? 0 : between(1, 300));
    if (hour >= DAYS * 24 - 48) break;
  }
  const knownDays: KnownDays = {
    firstDay: FIRST,
    dailyKwh: isKnown.map((is, at) => (is ? dayKwh(at) : NaN)),
    minutesPresent: isKnown.map((is) => (is ? 1440 : 0)),
  };
  return { readings, expected, knownDays, shuffle: next };
}

describe('against an hour-by-hour reckoning', () => {
  it.each(Array.from({ length: 150 }, (_, i) => i + 1))('seed %d', (seed) => {
    const { readings, expected, knownDays, shuffle } = simulatedPoint(seed);
    const inAnyOrder = readings.map((each) => ({ each, at: shuffle() })).sort((a, b) => a.at - b.at);
    const use = registerUse(
      inAnyOrder.map(({ each }) => each),
      { from: FIRST, to: FIRST + DAYS },
      knownDays,
    );
    for (const [month, { kwh, allocatedKwh, hours }] of expected) {
      const found = use.find((each) => each.month === month)!;
      expect(found.kwh).toBeCloseTo(kwh, 2);
      expect(found.hoursPresent).toBeCloseTo(hours, 6);
      expect(found.allocatedKwh).toBeCloseTo(allocatedKwh, 2);
    }
    const hours = [...expected.values()].reduce((sum, month) => sum + month.hours, 0);
    expect(use.reduce((sum, month) => sum + month.hoursPresent, 0)).toBeCloseTo(hours, 6);
    expect(
      use.flatMap((month) => month.flags).filter((flag) => !/^(rollover|meter_swap)$/.test(flag)),
    ).toEqual([]);
  });

  it.each(Array.from({ length: 60 }, (_, i) => i + 1))('garbage of seed %d is never negative use', (seed) => {
    const next = random(seed);
    const { readings, knownDays } = simulatedPoint(seed);
    const spoilt = readings.map((reading) => ({
      ...reading,
      kwh: next() < 0.3 ? next() * 10 ** Math.floor(next() * 8) : reading.kwh,
      serial: next() < 0.2 ? '' : next() < 0.1 ? 'X' : reading.serial,
      atMinutes: next() < 0.1 ? Math.floor(reading.atMinutes + next() * 90 * 1440) : reading.atMinutes,
    }));
    for (const month of registerUse(spoilt, { from: FIRST, to: FIRST + DAYS }, knownDays)) {
      expect(month.kwh).toBeGreaterThanOrEqual(month.allocatedKwh);
      expect(month.allocatedKwh).toBeGreaterThanOrEqual(0);
      expect(month.hoursPresent).toBeLessThanOrEqual(month.hoursExpected);
    }
  });
});
