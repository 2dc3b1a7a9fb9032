import { CaseRefusal } from './refusal.js';
import type { Sentence } from './sentence.js';

/** What a visit found: enumerated, so that they can be counted and learnt from. */
export const VISIT_FINDINGS = {
  mining_equipment: { ru: 'Оборудование для майнинга', en: 'Mining equipment' },
  traces_of_equipment: {
    ru: 'Следы оборудования: стойки, вентиляция, кабели',
    en: 'Traces of equipment: racks, ventilation, cables',
  },
  unmetered_connection: { ru: 'Подключение мимо счётчика', en: 'A connection past the meter' },
  meter_tampered: { ru: 'Вмешательство в счётчик', en: 'A meter tampered with' },
  electric_heating: { ru: 'Электроотопление', en: 'Electric heating' },
  electric_vehicle: { ru: 'Зарядка электромобиля', en: 'A vehicle charger' },
  greenhouse: { ru: 'Теплица или освещение растений', en: 'A greenhouse or grow lights' },
  workshop: { ru: 'Мастерская или производство', en: 'A workshop or production' },
  pump_or_well: { ru: 'Насосы, скважина', en: 'Pumps or a well' },
  several_households: { ru: 'Несколько семей за одной точкой', en: 'Several households behind one point' },
  wrong_meter: { ru: 'Другой счётчик, чем в реестре', en: 'Another meter than the registry says' },
  nothing_unusual: { ru: 'Ничего необычного', en: 'Nothing unusual' },
  no_access: { ru: 'Доступа не было', en: 'No access' },
} as const satisfies Record<string, Sentence>;
export type VisitFinding = keyof typeof VISIT_FINDINGS;
export const VISIT_FINDING_CODES = Object.keys(VISIT_FINDINGS) as [VisitFinding, ...VisitFinding[]];

/** Days ahead for which a visit may be booked. */
const FURTHEST_DAYS = 90;
const DAY_MS = 86_400_000;

/** @throws CaseRefusal */
export function checkBooking(bookedFor: Date, now: Date): void {
  const days = (bookedFor.getTime() - now.getTime()) / DAY_MS;
  // An hour of grace for a clock that is slow, and for who books on the doorstep.
  if (days < -1 / 24) throw new CaseRefusal('A visit can’t be booked for a moment that is past.');
  if (days > FURTHEST_DAYS) throw new CaseRefusal(`A visit can be booked up to ${FURTHEST_DAYS} days ahead.`);
}

export interface VisitReport {
  readonly doneAt: Date;
  readonly findings: readonly VisitFinding[];
}

/** @throws CaseRefusal */
export function checkReport({ doneAt, findings }: VisitReport, now: Date): void {
  if (doneAt.getTime() > now.getTime())
    throw new CaseRefusal('A visit that is yet to come has found nothing.');
  if (findings.length === 0)
    throw new CaseRefusal('Say what the visit found; "nothing_unusual" is a finding.');
  if (new Set(findings).size !== findings.length) throw new CaseRefusal('A finding is named twice.');
  for (const alone of ['nothing_unusual', 'no_access'] as const)
    if (findings.includes(alone) && findings.length > 1)
      throw new CaseRefusal(`The finding ${alone} stands alone: with others it contradicts them.`);
}
