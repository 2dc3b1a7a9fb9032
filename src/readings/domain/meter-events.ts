/**
 * What a meter's event journals say, after СПОДЭС (ГОСТ Р 58940-2020, appendix Д): journals 0.0.99.98.{0–8}.255, the
 * codes in each counted anew, so that (journal, code) is the key and the code alone means nothing.
 */
export const METER_EVENT_KINDS = [
  'cover_opened',
  'terminal_cover_opened',
  'external_seal_opened',
  'magnetic_field',
  'radio_field',
  'current_without_voltage',
  'current_with_relay_off',
  'current_imbalance',
  'reverse_flow',
  'phases_opposed',
  'phase_lost',
  'phase_reversed',
  'ct_broken',
  'ct_shorted',
  'ratio_changed',
  'clock_changed',
  'clock_failed',
  'tamper_record_cleared',
  'seal_rearmed',
  'unauthorised_access',
  'power_off',
  'power_on',
  'power_limit',
  'relay',
  'overcurrent',
  'voltage_high',
  'voltage_low',
  'voltage_interrupted',
  'programmed',
  'meter_failed',
  'other',
] as const;

export type MeterEventKind = (typeof METER_EVENT_KINDS)[number];

/** Kinds that an honest household's meter hardly shows: hands or a magnet on the meter, current past its measuring part. */
export const TAMPER_KINDS: ReadonlySet<MeterEventKind> = new Set([
  'cover_opened',
  'terminal_cover_opened',
  'external_seal_opened',
  'magnetic_field',
  'radio_field',
  'current_without_voltage',
  'current_with_relay_off',
  'current_imbalance',
  'reverse_flow',
  'phases_opposed',
  'ct_broken',
  'ct_shorted',
  'ratio_changed',
  'tamper_record_cleared',
  'unauthorised_access',
]);

/** The highest journal (tg φ). */
export const LAST_JOURNAL = 8;

export interface MeterEventMeaning {
  readonly kind: MeterEventKind;
  /** Whether it begins a state, ends one, or has no length. */
  readonly edge: 'start' | 'end' | 'moment';
}

const OTHER: MeterEventMeaning = { kind: 'other', edge: 'moment' };

/** What `(journal, code)` means; `other` for codes of no use to us or that nobody has described. */
export function meterEventMeaning(journal: number, code: number): MeterEventMeaning {
  return MEANINGS[journal]?.get(code) ?? (journal === PROGRAMMING ? PROGRAMMED : OTHER);
}

/**
 * The kind as it is stored: what ends has a name of its own (`magnetic_field_end`), so that whoever counts a kind does not
 * count a state twice.
 */
export function storedKind({ kind, edge }: MeterEventMeaning): string {
  return edge === 'end' ? `${kind}_end` : kind;
}

const PROGRAMMING = 3;
const PROGRAMMED: MeterEventMeaning = { kind: 'programmed', edge: 'moment' };

const MEANINGS: Readonly<Record<number, ReadonlyMap<number, MeterEventMeaning>>> = {
  // Voltage (table Д.1).
  0: table({
    phase_lost: { pairs: [1, 3, 5] },
    // All phases: an outage of the network, where a phase of its own may be a bypass.
    voltage_interrupted: { pairs: [27] },
    voltage_high: { pairs: [7, 13, 15, 17] },
    voltage_low: { pairs: [9, 19, 21, 23] },
    phase_reversed: { pairs: [25] },
  }),
  // Current (Д.2).
  1: table({
    reverse_flow: { pairs: [1, 3, 5, 33] },
    ct_broken: { pairs: [7, 9, 11] },
    current_imbalance: { pairs: [13] },
    ct_shorted: { pairs: [15] },
    overcurrent: { pairs: [17, 25, 27, 29] },
    current_without_voltage: { pairs: [19, 21, 23, 31] },
    phases_opposed: { pairs: [35] },
    current_with_relay_off: { pairs: [37] },
  }),
  // Power and the load relay (Д.3); a relay that opened by itself tells why.
  2: table({
    power_off: { moments: [1, 29] },
    power_on: { moments: [2] },
    relay: { starts: [3, 6, 11, 15, 19, 25, 28], ends: [4, 7, 12, 23, 26, 27] },
    power_limit: { starts: [8], ends: [20] },
    overcurrent: { starts: [9], ends: [21] },
    magnetic_field: { starts: [10], ends: [24] },
    current_without_voltage: { starts: [13] },
    current_imbalance: { starts: [14], ends: [22] },
    cover_opened: { moments: [18] },
  }),
  // Programming (Д.4); every other code of the journal is `programmed`.
  [PROGRAMMING]: table({
    clock_changed: { moments: [3, 4, 68, 145] },
    ratio_changed: { moments: [16, 17] },
    seal_rearmed: { moments: [143] },
    tamper_record_cleared: { moments: [144] },
  }),
  // External influence (Д.5).
  4: table({
    magnetic_field: { pairs: [1] },
    terminal_cover_opened: { moments: [3] },
    cover_opened: { moments: [4] },
    external_seal_opened: { moments: [5] },
    radio_field: { pairs: [6] },
  }),
  // Access (Д.7).
  6: table({ unauthorised_access: { moments: [1, 3] } }),
  // Self-diagnostics (Д.8).
  7: table({ meter_failed: { starts: [2], ends: [3] }, clock_failed: { starts: [5], ends: [6] } }),
};

interface Codes {
  /** Codes that begin a state, whose end is the next code. */
  readonly pairs?: readonly number[];
  readonly starts?: readonly number[];
  readonly ends?: readonly number[];
  readonly moments?: readonly number[];
}

function table(kinds: Partial<Record<MeterEventKind, Codes>>): ReadonlyMap<number, MeterEventMeaning> {
  const meanings = new Map<number, MeterEventMeaning>();
  for (const [kind, { pairs = [], starts = [], ends = [], moments = [] }] of Object.entries(kinds) as [
    MeterEventKind,
    Codes,
  ][]) {
    for (const code of [...pairs, ...starts]) meanings.set(code, { kind, edge: 'start' });
    for (const code of [...pairs.map((start) => start + 1), ...ends])
      meanings.set(code, { kind, edge: 'end' });
    for (const code of moments) meanings.set(code, { kind, edge: 'moment' });
  }
  return meanings;
}
