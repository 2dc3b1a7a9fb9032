import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKS } from '../../src/config/domain/checks.js';
import { projectRoot } from '../../src/config/project-root.js';
import { REJECT_REASONS } from '../../src/uploads/domain/rejected-row.js';
import { outcomeTexts } from '../../web/src/pages/uploads/outcome.texts.js';
import { formatsIn } from '../../web/src/i18n/formats.js';
import {
  defineTexts,
  LANGUAGES,
  sayIn,
  type Plural,
  type Text,
  type Texts,
} from '../../web/src/i18n/texts.js';

const folder = path.join(projectRoot, 'web', 'src');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.texts.ts'),
);

test('there are texts', () => expect(files).toEqual(expect.arrayContaining(['app/shell.texts.ts'])));

describe.each(files)('%s', (file) => {
  let areas: Texts[];

  beforeAll(async () => {
    const module = (await import(pathToFileURL(path.join(folder, file)).href)) as Record<string, Texts>;
    areas = Object.values(module);
    expect(areas.length).toBeGreaterThan(0);
  });

  test('says everything in both languages', () => {
    for (const { en, ru } of areas) {
      expect(Object.keys(ru).sort()).toEqual(Object.keys(en).sort());
      for (const key of Object.keys(en)) {
        expect([key, ...formsOf(en[key])].every((form) => form.trim() !== '')).toBe(true);
        expect([key, namesIn(ru[key])]).toEqual([key, namesIn(en[key])]);
      }
    }
  });

  test('has every form that a number may ask for', () => {
    for (const area of areas)
      for (const language of LANGUAGES)
        for (const [key, text] of Object.entries(area[language]))
          if (typeof text !== 'string') {
            const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
            expect([key, Object.keys(text).sort()]).toEqual([key, [...wanted].sort()]);
          }
  });

  test('is in Russian where it says so, and in English elsewhere', () => {
    for (const { en, ru } of areas)
      for (const [key, text] of Object.entries(en)) {
        expect([key, formsOf(text).some((form) => /[а-яё]/i.test(form))]).toEqual([key, false]);
        // Numbers, names and units read the same in both.
        const isWord = formsOf(text).some((form) =>
          /[a-z]{4}/i.test(form.replace(/\{\w+\}|Gridwarden/g, '')),
        );
        if (isWord)
          expect([key, formsOf(ru[key]).every((form) => /[а-яё]/i.test(form))]).toEqual([key, true]);
      }
  });

  test('never says guilty', () => {
    for (const area of areas)
      for (const language of LANGUAGES)
        for (const form of Object.values(area[language]).flatMap(formsOf))
          expect(form).not.toMatch(/guilt|culprit|offender|виновн|вина\b|нарушител|преступ/i);
  });
});

describe('numbers in texts', () => {
  const cases = defineTexts(
    { cases: { one: '{count} case', other: '{count} cases' } },
    { cases: { one: '{count} дело', few: '{count} дела', many: '{count} дел', other: '{count} дела' } },
  );

  test.each([
    [0, '0 cases', '0 дел'],
    [1, '1 case', '1 дело'],
    [2, '2 cases', '2 дела'],
    [5, '5 cases', '5 дел'],
    [11, '11 cases', '11 дел'],
    [21, '21 cases', '21 дело'],
    [1.5, '1.5 cases', '1,5 дела'],
  ])('%d', (count, en, ru) => {
    expect(sayIn(cases, 'en')('cases', { count })).toBe(en);
    expect(sayIn(cases, 'ru')('cases', { count })).toBe(ru);
  });
});

describe('formats', () => {
  const [en, ru] = [formatsIn('en'), formatsIn('ru')];

  test('numbers', () => {
    expect(en.number(11840)).toBe('11,840');
    expect(ru.number(11840)).toMatch(/^11\s840$/);
    expect(en.signed(-0.1)).toBe('−0.10');
    expect(ru.signed(0.413)).toBe('+0,41');
    expect([en.number(null), ru.percent(null), ru.day(null)]).toEqual(['–', '–', '–']);
  });

  test('days are the same day wherever they are read', () => {
    expect(en.day('2026-10-03')).toBe('3 Oct 2026');
    expect(ru.day('2026-10-03')).toMatch(/^3 окт\. 2026\sг\.$/);
  });

  test('moments are by the clock of the place', () => {
    expect(en.moment('2026-10-02T18:00:00Z', 'Asia/Irkutsk')).toBe('3 Oct 2026, 02:00');
    expect(ru.zoneName('Asia/Irkutsk')).toMatch(/Иркутск/);
    expect(en.zoneName('Asia/Irkutsk')).toMatch(/Irkutsk/);
  });
});

/** Each wording of a text. */
function formsOf(text: Text): string[] {
  return typeof text === 'string' ? [text] : Object.values(text as Plural & Record<string, string>);
}

/** Names of the values that a text wants, in all its forms. */
function namesIn(text: Text): string[] {
  return [
    ...new Set(formsOf(text).flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))),
  ].sort();
}

test('a receipt says in words every reason to reject and everything that a check finds', () => {
  for (const code of REJECT_REASONS)
    expect([`reason_${code}`, `check_${code}`].some((key) => key in outcomeTexts.en)).toBe(true);
  for (const check of Object.keys(CHECKS)) expect(outcomeTexts.en).toHaveProperty(`check_${check}`);
});
