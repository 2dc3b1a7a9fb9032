/** An error as the service says it (RFC 9457), with what it adds. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly instance?: string;
  readonly reason?: string;
  readonly errors?: readonly { readonly field: string; readonly detail: string }[];
  readonly [extension: string]: unknown;
}

/** The service answered, and said no. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }

  get status(): number {
    return this.problem.status;
  }
}

/** Nothing answered: no network, or the service is being restarted. */
export class OfflineError extends Error {}

/** The person closed the dialog that asked who they are. */
export class CancelledError extends Error {}
