/** A piece of evidence of this weight speaks for mining; how many do decides whether a household may be named. */
export const SPEAKING_LOG_ODDS = 0.5;
