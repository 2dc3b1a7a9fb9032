import { digestText, MOST_LINES, type DigestLine } from './digest-text.js';

const line = (alertId: number): DigestLine => ({
  alertId,
  territory: 'RU-DA',
  kind: 'mining_suspected',
  state: 'firing',
});

it.each([
  [
    'ru',
    'Gridwarden: изменений по подозрениям: 1',
    '- подозрение 4, RU-DA: нагрузка похожа на майнинг, требует внимания',
  ],
  [
    'en',
    'Gridwarden: changes of suspicions: 1',
    '- suspicion 4, RU-DA: load resembles mining, needs attention',
  ],
] as const)('says in %s what changed, and that it is a suspicion', (language, subject, first) => {
  const mail = digestText([line(4)], language, 'https://gridwarden.example');
  expect(mail.subject).toBe(subject);
  expect(mail.text.split('\n').slice(0, 2)).toEqual([first, '  https://gridwarden.example/api/v1/alerts/4']);
  expect(mail.text).toMatch(/не майнинг|never mining/);
});

it('names the first and counts the rest', () => {
  const { text } = digestText(
    Array.from({ length: MOST_LINES + 3 }, (_, n) => line(n)),
    'en',
    null,
  );
  expect(text.match(/^- suspicion/gm)).toHaveLength(MOST_LINES);
  expect(text).toContain('- and more: 3');
});
