/** Somebody who gives an opinion, or might. */
export interface Opinionated {
  /** Null: nobody is known behind it, as on the command line or behind a key. */
  readonly personId: number | null;
  /** '': nobody said; all those are one organisation. */
  readonly organisation: string;
}

/**
 * Whether somebody may give the next opinion: they have given none of the `former`, and act for another organisation than
 * each of those where there is anybody who does, since colleagues share a wish and a boss.
 *
 * @param all everybody who may give one.
 */
export function mayBeNext(
  person: Opinionated,
  former: readonly Opinionated[],
  all: readonly Opinionated[],
): boolean {
  const isFormer = ({ personId }: Opinionated) =>
    personId !== null && former.some((one) => one.personId === personId);
  const isElsewhere = ({ organisation }: Opinionated) =>
    former.every((one) => one.organisation !== organisation);
  if (isFormer(person)) return false;
  return isElsewhere(person) || !all.some((one) => !isFormer(one) && isElsewhere(one));
}
