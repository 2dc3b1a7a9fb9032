import { scrub } from './scrub.js';

const TOKEN = 'Zx3'.repeat(14) + 'Q';

it.each([
  [
    'nothing of anybody',
    'Scored 1500 metering points as of 2026-02-01',
    'Scored 1500 metering points as of 2026-02-01',
  ],
  ['an e-mail address', 'mail to Anna.P+x@пример.рф failed', 'mail to [e-mail] failed'],
  ['a telephone number', 'call +7 (914) 123-45-67 or 89141234567', 'call [phone] or [phone]'],
  ['a long number that is none', 'wrote 89141234567890 bytes', 'wrote 89141234567890 bytes'],
  ['an API key', `used gw_00abcDEF1_${TOKEN}_0aB12c`, 'used [key]'],
  ['a bearer', 'authorization: Bearer abc.def-1', 'authorization: Bearer [secret]'],
  ['a webhook secret', 'signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'signed with [secret]'],
  ['a session', `cookie: gridwarden-loopback=${TOKEN}; a=b`, 'cookie: gridwarden-loopback=[cookie]; a=b'],
  ['a one-time link', `see /welcome#${TOKEN}`, 'see /welcome#[token]'],
  ['a query', 'GET /api/v1/cases?q=Иванов&token=1 failed', 'GET /api/v1/cases?[query] failed'],
  ['a password in an address', 'postgresql://grid:p4ss@db/grid', 'postgresql://[secret]@db/grid'],
  ['a hash, which is nobody’s', `sha256 ${'ab12'.repeat(16)}`, `sha256 ${'ab12'.repeat(16)}`],
  [
    'a value that PostgreSQL could not read',
    'error: invalid input syntax for type date: "Иванов И. И."\n    at Parser',
    'error: invalid input syntax for type date: [value]\n    at Parser',
  ],
  ['a row that it refused', 'Key (login)=(ivanov) already exists.', 'Key (login)=([value]) already exists.'],
  ['a failing row', 'Failing row contains (1, Иванов, ул. Ленина 1).', 'Failing row contains ([value])'],
])('%s', (_, text, clean) => expect(scrub(text)).toBe(clean));
