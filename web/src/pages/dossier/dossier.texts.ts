import { defineTexts } from '../../i18n/texts.js';

export const dossierTexts = defineTexts(
  {
    title: 'Dossier of case {id}',
    back: 'Back to the case',
    kwhMonth: '{kwh} kWh a month',
    intro:
      'Everything that is known of the case on paper: curve, carpet, neighbours, months against the limit, reasons with weights, sources with hashes, method and versions, who decided, and the proof in the audit log.',
    recorded: 'Each time a dossier is opened or printed is an entry of the audit log.',
    language: 'Language of the dossier',
    ru: 'Russian',
    en: 'English',
    identity: 'With name and address',
    identityHint: 'Each time counts as a disclosure, on record under your name.',
    pdf: 'PDF',
    making: 'Printing…',
    page: 'Page to print',
    data: 'As data (JSON)',
    pdfNote:
      'Printed by a headless Chromium of the service. Where it has none, the page prints from any browser.',
    failed: 'The PDF was not made',
  },
  {
    title: 'Досье по делу {id}',
    back: 'К делу',
    kwhMonth: '{kwh} кВт·ч в месяц',
    intro:
      'Всё известное о деле на бумаге: кривая, ковёр, соседи, месяцы против лимита, доводы с весами, источники с хешами, метод и версии, кто решал, и доказательство в журнале.',
    recorded: 'Каждое открытие и каждая печать досье — запись в журнале.',
    language: 'Язык досье',
    ru: 'русский',
    en: 'английский',
    identity: 'С именем и адресом',
    identityHint: 'Каждый раз считается раскрытием и записывается на ваше имя.',
    pdf: 'PDF',
    making: 'Печатается…',
    page: 'Страница для печати',
    data: 'Данными (JSON)',
    pdfNote: 'Печатает безоконный Chromium службы. Если его нет, страница печатается из любого браузера.',
    failed: 'PDF не получился',
  },
);
