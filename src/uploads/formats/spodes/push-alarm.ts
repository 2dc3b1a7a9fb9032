/** An event as its journal would tell it. */
export interface JournalEvent {
  readonly journal: number;
  readonly code: number;
}

/**
 * What the bits of the alarm register that meters push (0.0.97.98.0.255) say, as the journals number it: the register has
 * a numbering of its own. Bits left out point at a journal to be read (0, 2, 13), state an input (12, 15), or end what has no
 * end in the journals: a cover that was closed (25, 26).
 */
const EVENT_OF_BIT: ReadonlyMap<number, JournalEvent> = new Map([
  [1, { journal: 0, code: 27 }],
  [3, { journal: 4, code: 1 }],
  [4, { journal: 4, code: 3 }],
  [5, { journal: 4, code: 4 }],
  [6, { journal: 2, code: 8 }],
  [7, { journal: 2, code: 9 }],
  [8, { journal: 2, code: 10 }],
  [9, { journal: 2, code: 11 }],
  [10, { journal: 2, code: 14 }],
  [11, { journal: 2, code: 15 }],
  [14, { journal: 1, code: 13 }],
  [16, { journal: 2, code: 7 }],
  [17, { journal: 1, code: 31 }],
  [24, { journal: 4, code: 2 }],
  [27, { journal: 1, code: 14 }],
]);

/** Events of a register's value, and how many of its bits say something that is no event of the journals. */
export function eventsOfAlarm(register: number): {
  readonly events: JournalEvent[];
  readonly others: number;
} {
  const events: JournalEvent[] = [];
  let others = 0;
  for (let bit = 0; bit < 32; bit++) {
    if ((register >>> bit) % 2 === 0) continue;
    const event = EVENT_OF_BIT.get(bit);
    if (event === undefined) others++;
    else events.push(event);
  }
  return { events, others };
}

const JOURNALS: readonly RegExp[] = [
  /^(voltage|напряжени)/,
  /^(current|ток)/,
  /^(power|relay|commutation|switch|включени|коммутац|мощност)/,
  /^(program|программ|коррекци|параметр)/,
  /^(external|influence|внешн|воздейств)/,
  /^(communic|связ|коммуник)/,
  /^(access|доступ|контрол)/,
  /^(self|diagnos|самодиагн|диагност)/,
  /^(reactive|tg|коэфф|тангенс)/,
];

/** A journal by its number, its OBIS (0.0.99.98.4.255, or that of its codes), or its name; null when it is none. */
export function journalOf(text: string): number | null {
  const plain = text.trim().toLowerCase();
  const number = /^(?:0[.-]0[.:](?:99\.98|96\.11)\.)?([0-8])(?:\.255)?$/.exec(plain)?.[1];
  if (number !== undefined) return Number(number);
  const named = JOURNALS.findIndex((words) => words.test(plain.replace(/^журнал( событий)?,? ?/, '')));
  return named < 0 ? null : named;
}

/** A code by itself (`3`), or packed with its journal: `0x0403`, `4.3`, `4/3`. */
export function codeOf(text: string): { journal: number | null; code: number } | null {
  const plain = text.trim().toLowerCase();
  const packed = /^0x([0-9a-f]{3,4})$/.exec(plain)?.[1];
  if (packed !== undefined) {
    const value = parseInt(packed, 16);
    return value >>> 8 <= 8 ? { journal: value >>> 8, code: value & 0xff } : null;
  }
  const pair = /^([0-8])[./:-](\d{1,4})$/.exec(plain);
  if (pair !== null) return { journal: Number(pair[1]), code: Number(pair[2]) };
  return /^\d{1,4}$/.test(plain) && Number(plain) > 0 ? { journal: null, code: Number(plain) } : null;
}

/** The value of an alarm register: `8`, `0x00000008`, or a string of 32 bits. */
export function alarmOf(text: string): number | null {
  const plain = text.trim().toLowerCase();
  if (/^[01]{32}$/.test(plain)) return parseInt(plain, 2);
  if (/^0x[0-9a-f]{1,8}$/.test(plain)) return parseInt(plain.slice(2), 16);
  const value = /^\d{1,10}$/.test(plain) ? Number(plain) : NaN;
  return value <= 0xffff_ffff ? value : null;
}
