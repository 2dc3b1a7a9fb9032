/** The caller asked for something that does not exist or makes no sense: one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked makes sense, but can't be done as things are: one clear sentence, exit code 1. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** What arrived is not what was sent; otherwise as {@link RefusedError}. */
export class ChecksumError extends RefusedError {}

/** More bytes than are taken; otherwise as {@link RefusedError}. */
export class TooLargeError extends RefusedError {}
