/** How an attempt ended: stored as a code, explained in docs/alerts-out.md, counted by it. */
export const ATTEMPT_RESULTS = [
  'delivered',
  /** The name has no address, or the resolver did not answer. */
  'name_not_resolved',
  /** An address is private, local or special, and no setting allows it. */
  'address_refused',
  'connection_refused',
  'connection_broken',
  'certificate_refused',
  /** No whole answer in time. */
  'timed_out',
  /** 3xx: a redirect could lead where the endpoint's owner may not send us. */
  'redirect_refused',
  /** 410: the receiver wants no more. */
  'gone',
  'too_many_requests',
  /** Other 4xx, and 1xx. */
  'rejected',
  'server_error',
  'failed',
] as const;
export type AttemptResult = (typeof ATTEMPT_RESULTS)[number];

export function resultOfStatus(status: number): AttemptResult {
  if (status >= 200 && status < 300) return 'delivered';
  if (status >= 300 && status < 400) return 'redirect_refused';
  if (status === 410) return 'gone';
  if (status === 429) return 'too_many_requests';
  return status >= 500 ? 'server_error' : 'rejected';
}

const BY_CODE: Readonly<Record<string, AttemptResult>> = {
  ENOTFOUND: 'name_not_resolved',
  EAI_AGAIN: 'name_not_resolved',
  ENODATA: 'name_not_resolved',
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_broken',
  EPIPE: 'connection_broken',
  EHOSTUNREACH: 'connection_refused',
  ENETUNREACH: 'connection_refused',
  ETIMEDOUT: 'timed_out',
  HPE_INVALID_CONSTANT: 'connection_broken',
};
const CERTIFICATE =
  /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH)/;

/** Of what Node's sockets, resolver and TLS call their errors. */
export function resultOfErrorCode(code: string | undefined): AttemptResult {
  if (code === undefined) return 'failed';
  if (CERTIFICATE.test(code) || code === 'EPROTO') return 'certificate_refused';
  return BY_CODE[code] ?? (code.startsWith('HPE_') ? 'connection_broken' : 'failed');
}
