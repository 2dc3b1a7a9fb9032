import type { caseCurve } from '../../src/cases/case-curve.js';
import type { CasePage } from '../../src/cases/case-page.js';
import type { CaseView } from '../../src/cases/case-queue.js';
import { DECISION_REASONS, DECISION_SETTINGS } from '../../src/cases/domain/decision.js';
import { CASE_STATES } from '../../src/cases/domain/transitions.js';
import { VISIT_FINDING_CODES } from '../../src/cases/domain/visit.js';
import { ALERT_KINDS } from '../../src/alerts/domain/lifecycle.js';
import {
  CT_STATES as OPTION_CT_STATES,
  UNITS as OPTION_UNITS,
} from '../../src/uploads/domain/upload-options.js';
import * as web from '../../web/src/cases/types.js';
import { MEASURES } from '../../src/integrity/domain/quality.js';
import type { QualityView } from '../../src/integrity/integrity.schemas.js';
import { REMARKS, type Quality } from '../../web/src/pages/quality/types.js';
import { CT_STATES, UNITS } from '../../web/src/pages/uploads/types.js';
import { FINDINGS, REASONS, SECOND_LOOK_SCORE } from '../../web/src/pages/case/codes.js';

/** Compiles only when what the service answers is what the pages read. */
const readAs = <T>(answer: T): T => answer;
export const queue = (answer: CaseView): web.CaseLine => readAs<web.CaseLine>(answer);
export const page = (answer: CasePage): web.CaseDetails => readAs<web.CaseDetails>(answer);
export const curve = (answer: Awaited<ReturnType<typeof caseCurve>>): web.CaseCurve =>
  readAs<web.CaseCurve>(answer);
export const quality = (answer: QualityView): Quality => readAs<Quality>(answer);

describe('the pages know', () => {
  test('every state and kind of a case', () => {
    expect(web.CASE_STATES).toEqual(CASE_STATES);
    expect([...web.CASE_KINDS].sort()).toEqual([...ALERT_KINDS, 'random_audit'].sort());
  });

  test.each(['confirm', 'dismiss'] as const)('every reason to %s', (verdict) => {
    const fitting = Object.entries(DECISION_REASONS)
      .filter(([, { verdict: meant }]) => meant === null || meant === verdict)
      .map(([code]) => code);
    expect([...REASONS[verdict]].sort()).toEqual(fitting.sort());
    expect(REASONS[verdict].length).toBeLessThanOrEqual(9);
  });

  test('every remark on inspections', () => expect([...REMARKS]).toEqual([...MEASURES]));

  test('every way to read a file', () => {
    expect(UNITS).toEqual(OPTION_UNITS);
    expect(CT_STATES).toEqual(OPTION_CT_STATES);
  });

  test('every finding of a visit, and from when on a dismissal takes two', () => {
    expect(FINDINGS).toEqual(VISIT_FINDING_CODES);
    expect(SECOND_LOOK_SCORE).toBe(DECISION_SETTINGS.secondLookScore);
  });
});
