/** Every advisory lock we take, as (class, number); one class, so that they meet no other program's. */
const CLASS = 0x6757;

export const ADVISORY_LOCKS = {
  /** Held shared by every process that uses the embedded server, exclusively by the one that stops it. */
  serverUse: `${CLASS}, 1`,
  /** Held while the embedded server's role and database are made. */
  serverSetUp: `${CLASS}, 2`,
  /** Held while migrations run. */
  migration: `${CLASS}, 3`,
  /** Held by the one instance that does what must be done once. */
  leadership: `${CLASS}, 4`,
  /** Held by the one transaction that writes load profiles. */
  profileWriter: `${CLASS}, 6`,
  /** Held by the one transaction that appends to the audit log, until it ends. */
  auditLog: `${CLASS}, 7`,
  /** Held by the one session that scores. */
  scorer: `${CLASS}, 8`,
  /** Held in tests while the template database is made. */
  testTemplate: `${CLASS}, 5`,
} as const;

/** Class of the locks, numbered by upload, that say which process loads an upload. */
export const UPLOAD_LOCK_CLASS = 0x6758;
