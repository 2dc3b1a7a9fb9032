import { METER_EVENT_KINDS, meterEventMeaning, storedKind, TAMPER_KINDS } from './meter-events.js';

describe('meter events of СПОДЭС', () => {
  it.each([
    [4, 1, 'magnetic_field', 'start'],
    [4, 2, 'magnetic_field', 'end'],
    [4, 3, 'terminal_cover_opened', 'moment'],
    [4, 4, 'cover_opened', 'moment'],
    [4, 7, 'radio_field', 'end'],
    [0, 3, 'phase_lost', 'start'],
    [0, 26, 'phase_reversed', 'end'],
    [0, 27, 'voltage_interrupted', 'start'],
    [1, 31, 'current_without_voltage', 'start'],
    [1, 38, 'current_with_relay_off', 'end'],
    [2, 1, 'power_off', 'moment'],
    [2, 2, 'power_on', 'moment'],
    [2, 10, 'magnetic_field', 'start'],
    [2, 3, 'relay', 'start'],
    [3, 68, 'clock_changed', 'moment'],
    [3, 16, 'ratio_changed', 'moment'],
    [3, 55, 'programmed', 'moment'],
    [6, 1, 'unauthorised_access', 'moment'],
    [5, 1, 'other', 'moment'],
    [8, 1, 'other', 'moment'],
    [99, 1, 'other', 'moment'],
  ])('journal %d code %d: %s, %s', (journal, code, kind, edge) => {
    expect(meterEventMeaning(journal, code)).toEqual({ kind, edge });
  });

  it('stores ends under names of their own', () => {
    expect([1, 2, 3].map((code) => storedKind(meterEventMeaning(4, code)))).toEqual([
      'magnetic_field',
      'magnetic_field_end',
      'terminal_cover_opened',
    ]);
  });

  it('calls nothing tampering that is no kind of event', () => {
    expect([...TAMPER_KINDS].filter((kind) => !METER_EVENT_KINDS.includes(kind))).toEqual([]);
  });
});
