import { resultOfErrorCode, resultOfStatus } from './attempt-result.js';

it.each([
  [200, 'delivered'],
  [204, 'delivered'],
  [101, 'rejected'],
  [301, 'redirect_refused'],
  [307, 'redirect_refused'],
  [400, 'rejected'],
  [404, 'rejected'],
  [410, 'gone'],
  [429, 'too_many_requests'],
  [500, 'server_error'],
  [503, 'server_error'],
])('status %i is %s', (status, result) => {
  expect(resultOfStatus(status)).toBe(result);
});

it.each([
  ['ENOTFOUND', 'name_not_resolved'],
  ['ECONNREFUSED', 'connection_refused'],
  ['ECONNRESET', 'connection_broken'],
  ['HPE_INVALID_HEADER_TOKEN', 'connection_broken'],
  ['CERT_HAS_EXPIRED', 'certificate_refused'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate_refused'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate_refused'],
  ['ETIMEDOUT', 'timed_out'],
  ['EWHATEVER', 'failed'],
  [undefined, 'failed'],
])('error %s is %s', (code, result) => {
  expect(resultOfErrorCode(code)).toBe(result);
});
