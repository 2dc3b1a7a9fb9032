import { httpArea, methodClass } from './http-area.js';

describe('httpArea', () => {
  it.each([
    ['/api/v1/uploads', 'uploads'],
    ['/api/v1/uploads/12/rejects?format=csv', 'uploads'],
    ['/api/v1/cases/7/decision', 'cases'],
    ['/api/v1/people', 'access'],
    ['/api/v1/nobody/knows', 'other'],
    ['/api/v1', 'other'],
    ['/api/v1/constructor', 'other'],
    ['/api/docs', 'docs'],
    ['/api/openapi.json', 'docs'],
    ['/metrics', 'probes'],
    ['/healthz?verbose', 'probes'],
    ['/', 'pages'],
    ['/assets/app.js', 'pages'],
    ['', 'pages'],
  ])('%s is about %s', (url, area) => expect(httpArea(url)).toBe(area));
});

it.each([
  ['GET', 'read'],
  ['HEAD', 'read'],
  ['POST', 'write'],
  ['DELETE', 'write'],
  ['BREW', 'write'],
])('%s is a %s', (method, expected) => expect(methodClass(method)).toBe(expected));
