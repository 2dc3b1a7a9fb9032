import { defineTexts } from '../../i18n/texts.js';

export const queueTexts = defineTexts(
  {
    title: 'Queue',
    case: 'Case',
    why: 'Why',
    kwhMonth: 'kWh a month',
    since: 'Since',
    empty: 'Nothing waits for you.',
  },
  {
    title: 'Очередь',
    case: 'Дело',
    why: 'Почему',
    kwhMonth: 'кВт·ч в месяц',
    since: 'С',
    empty: 'Для вас ничего нет.',
  },
);
