import { defineTexts } from '../i18n/texts.js';

export const casesTexts = defineTexts(
  {
    state_new: 'New',
    state_dealt: 'Dealt',
    state_first_look: 'First look',
    state_needs_visit: 'Needs a visit',
    state_second_look: 'Second look',
    state_confirmed: 'Confirmed',
    state_dismissed: 'Dismissed',
    state_reopened: 'Reopened',
    kind_mining_suspected: 'Load resembles mining',
    kind_quota_exceeded: 'Above the quota',
    kind_quota_forecast: 'Will pass the quota',
    kind_hidden_load: 'Load past the meters',
    likelihood: 'Likelihood {percent}',
  },
  {
    state_new: 'Новое',
    state_dealt: 'Распределено',
    state_first_look: 'На рассмотрении',
    state_needs_visit: 'Нужен выезд',
    state_second_look: 'Вторая проверка',
    state_confirmed: 'Подтверждено',
    state_dismissed: 'Отклонено',
    state_reopened: 'Открыто вновь',
    kind_mining_suspected: 'Нагрузка похожа на майнинг',
    kind_quota_exceeded: 'Выше лимита',
    kind_quota_forecast: 'Превысит лимит',
    kind_hidden_load: 'Нагрузка мимо счётчиков',
    likelihood: 'Вероятность {percent}',
  },
);
