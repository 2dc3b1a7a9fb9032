import { textOf } from './log-line.js';

const time = '2026-11-21T12:03:44.512Z';

it.each([
  ['a message', { level: 'info', time, msg: 'ready', pid: 7 }, '12:03:44 INFO  ready'],
  [
    'with who speaks and its fields',
    { level: 'warn', time, context: 'HTTP', msg: 'answered', status: 404, route: '/x/:id', ids: [1] },
    '12:03:44 WARN  [HTTP] answered status=404 route=/x/:id ids=[1]',
  ],
  [
    'a stack below it',
    { level: 'error', time, msg: 'no', stack: 'Error: no\n    at x' },
    '12:03:44 ERROR no\nError: no\n    at x',
  ],
])('%s', (_, line, text) => expect(textOf(line)).toBe(text));
