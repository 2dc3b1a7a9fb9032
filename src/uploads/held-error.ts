import type { Question } from './domain/upload-options.js';

/** A file can be read in more than one way: it waits until its sender has answered the question. */
export class HeldError extends Error {
  constructor(readonly question: Question) {
    super(question.text);
  }
}
