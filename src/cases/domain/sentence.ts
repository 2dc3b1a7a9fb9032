/** The same in the two languages of everything that an inspector reads. */
export interface Sentence {
  readonly ru: string;
  readonly en: string;
}
