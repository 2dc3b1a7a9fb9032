/** The open {@link Database} of this process. */
export const DATABASE = Symbol('DATABASE');
