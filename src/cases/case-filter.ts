import type { CaseFilter } from './case-queue.js';
import type { CasesQuery } from './cases.schemas.js';

/** What a request asks for, as the list takes it. */
export function filterOf(query: Partial<CasesQuery>): CaseFilter {
  return {
    states: query.state ?? null,
    territory: query.territory ?? null,
    kind: query.kind ?? null,
    inspectorId: query.inspector ?? null,
    minScore: query.min_score ?? null,
    minKwh: query.min_kwh ?? null,
    since: query.since ?? null,
    tag: query.tag ?? null,
    text: query.text?.trim() || null,
    firing: query.firing ?? null,
  };
}
