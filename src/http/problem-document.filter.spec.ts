import { describe, expect, test } from '@jest/globals';
import { Logger, type ArgumentsHost } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { problemOf, ProblemDocumentFilter } from './problem-document.filter.js';

const coded = (code: string, message = 'it failed') => Object.assign(new Error(message), { code });
const ofQuery = (error: Error) => new QueryFailedError('select 1', [], error);

describe('problemOf', () => {
  const cases: { name: string; error: unknown; status: number }[] = [
    { name: 'nobody listens', error: coded('ECONNREFUSED'), status: 503 },
    {
      name: 'nobody listens on any address',
      error: new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]),
      status: 503,
    },
    { name: 'the connection is reset', error: ofQuery(coded('ECONNRESET')), status: 503 },
    { name: 'the connection ends', error: new Error('Connection terminated unexpectedly'), status: 503 },
    { name: 'the same, within TypeORM', error: ofQuery(new Error('Connection terminated')), status: 503 },
    { name: 'the server is shut down', error: ofQuery(coded('57P01')), status: 503 },
    { name: 'the server starts up', error: coded('57P03'), status: 503 },
    { name: 'too many connections', error: coded('53300'), status: 503 },
    { name: 'a connection exception', error: coded('08006'), status: 503 },
    { name: 'no room for a file', error: coded('ENOSPC'), status: 507 },
    { name: 'the quota is used up', error: coded('EDQUOT'), status: 507 },
    { name: 'no room for the database', error: ofQuery(coded('53100')), status: 507 },
    { name: 'a cancelled query', error: ofQuery(coded('57014')), status: 500 },
    { name: 'a wrong query', error: ofQuery(coded('42P01')), status: 500 },
    { name: 'a mistake of ours', error: new TypeError('x is not a function'), status: 500 },
    { name: 'no error at all', error: 'oops', status: 500 },
  ];
  test.each(cases)('$name: $status', ({ error, status }) => {
    const problem = problemOf(error, '/api/v1/alerts?limit=1');
    expect(problem.status).toBe(status);
    expect(problem.instance).toMatch(status === 500 ? /^urn:uuid:/ : /^\/api\/v1\/alerts$/);
    expect(problem.detail).not.toContain('it failed');
  });
});

test.each([
  ['a database that is away', coded('57P01'), '5'],
  ['a full disk', coded('ENOSPC'), undefined],
])('%s: when to come back', (_, error, retryAfter) => {
  Logger.overrideLogger(false);
  const headers: Record<string, string> = {};
  const response = {
    headersSent: false,
    set: (name: string, value: string) => (headers[name] = value),
    status: () => response,
    type: () => response,
    send: () => response,
  };
  const http = {
    getRequest: () => ({ method: 'GET', originalUrl: '/x', complete: true }),
    getResponse: () => response,
  };
  new ProblemDocumentFilter().catch(error, { switchToHttp: () => http } as unknown as ArgumentsHost);
  expect(headers['retry-after']).toBe(retryAfter);
});
