/** Injection token of the {@link LoadedRulebook}. */
export const RULEBOOK = Symbol('RULEBOOK');
