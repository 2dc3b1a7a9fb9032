import { mayBeNext } from '../../approvals/domain/second-person.js';

/** A supervisor who might take the second look. */
export interface Reviewer {
  readonly personId: number;
  readonly organisation: string;
}

/**
 * Who may take the second look at what a person of `organisation` looked at first: supervisors of other organisations
 * where there are any, since colleagues share a wish and a boss; else any but the first person.
 */
export function mayLookAgain(reviewer: Reviewer, first: Reviewer, supervisors: readonly Reviewer[]): boolean {
  return mayBeNext(reviewer, [first], supervisors);
}
