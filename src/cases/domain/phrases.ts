import type { Sentence } from './sentence.js';
import type { CaseState, CaseStep } from './transitions.js';

export const STATE_NAMES: Readonly<Record<CaseState, Sentence>> = {
  new: { ru: 'Новое', en: 'New' },
  dealt: { ru: 'Распределено', en: 'Dealt' },
  first_look: { ru: 'На рассмотрении', en: 'First look' },
  needs_visit: { ru: 'Нужен выезд', en: 'Needs a visit' },
  second_look: { ru: 'Вторая проверка', en: 'Second look' },
  confirmed: { ru: 'Подтверждено', en: 'Confirmed' },
  dismissed: { ru: 'Отклонено', en: 'Dismissed' },
  reopened: { ru: 'Открыто вновь', en: 'Reopened' },
};

/** What happened, for the history. */
export const STEP_SENTENCES: Readonly<Record<CaseStep, Sentence>> = {
  opened: { ru: 'Дело открыто по показаниям.', en: 'The case was opened by the readings.' },
  dealt: { ru: 'Дело распределено инспектору.', en: 'The case was dealt to an inspector.' },
  redealt: { ru: 'Дело передано другому инспектору.', en: 'The case was given to another inspector.' },
  taken_up: { ru: 'Инспектор взял дело в работу.', en: 'The inspector took the case up.' },
  visit_asked: { ru: 'Запрошен выезд.', en: 'A visit was asked for.' },
  visit_booked: { ru: 'Выезд назначен.', en: 'A visit was booked.' },
  visit_done: { ru: 'Выезд состоялся.', en: 'The visit took place.' },
  decision_made: { ru: 'Принято решение; его можно отменить.', en: 'A decision was made; it can be undone.' },
  decision_undone: {
    ru: 'Решение отменено до закрепления.',
    en: 'The decision was undone before it was sealed.',
  },
  referred: {
    ru: 'Дело направлено на вторую проверку.',
    en: 'The case was sent to a second look.',
  },
  confirmed: { ru: 'Подозрение подтверждено инспектором.', en: 'An inspector confirmed the suspicion.' },
  dismissed: { ru: 'Подозрение отклонено.', en: 'The suspicion was dismissed.' },
  lapsed: {
    ru: 'Второй проверки в срок не было: отклонение не вступило в силу, дело распределяется заново.',
    en: 'Nobody looked again in time: the dismissal did not take effect, and the case is dealt anew.',
  },
  reopened: { ru: 'Дело открыто вновь.', en: 'The case was reopened.' },
  alerts_changed: { ru: 'Изменились основания подозрения.', en: 'What the suspicion rests on has changed.' },
  tagged: { ru: 'Изменены метки.', en: 'The tags were changed.' },
  linked: { ru: 'Дело связано с другим.', en: 'The case was linked to another.' },
  unlinked: { ru: 'Связь с другим делом снята.', en: 'A link to another case was removed.' },
};
