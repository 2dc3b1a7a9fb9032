/** A session ends when nothing came for this long: an unattended screen shows households. */
export const SESSION_IDLE_MINUTES = 15;
/** And at the end of a working day in any case. */
export const SESSION_HOURS = 12;

/** What seals a decision, or takes many households out, asks that somebody has proved who they are this lately. */
export const FRESH_MINUTES = 5;

export type SignInMethod = 'link' | 'password' | 'oidc';

/** Whether who proved who they are then need not do it again at `now`. */
export function isFresh(authenticatedAt: Date, now: Date): boolean {
  return now.getTime() - authenticatedAt.getTime() < FRESH_MINUTES * 60_000;
}

/** Whether a session opened and last used then is still good at `now`. */
export function isSessionLive(
  { createdAt, lastSeenAt }: { readonly createdAt: Date; readonly lastSeenAt: Date },
  now: Date,
): boolean {
  return (
    now.getTime() - lastSeenAt.getTime() < SESSION_IDLE_MINUTES * 60_000 &&
    now.getTime() - createdAt.getTime() < SESSION_HOURS * 3_600_000
  );
}
