/** What was asked can't be done with the case as it is: one clear sentence. */
export class CaseRefusal extends Error {
  override readonly name = 'CaseRefusal';
}
