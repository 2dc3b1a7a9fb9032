import { CASE_KINDS, CLOSED_STATES, OPEN_STATES } from '../../cases/types.js';

export const SORTS = ['score', 'kwh', 'newest'] as const;
export type Sort = (typeof SORTS)[number];

/** What a queue is filtered by, as its address says it; an empty text is any. */
export interface QueueFilter {
  readonly state: 'open' | 'closed' | 'all';
  readonly kind: string;
  readonly sort: Sort;
  readonly text: string;
  readonly minKwh: string;
}

export const NO_FILTER: QueueFilter = { state: 'open', kind: '', sort: 'score', text: '', minKwh: '' };

const STATES = { open: OPEN_STATES.join(','), closed: CLOSED_STATES.join(','), all: '' } as const;

/** Of the page's own address; what it does not know is left out. */
export function filterFromQuery(query: string): QueueFilter {
  const params = new URLSearchParams(query);
  const state = params.get('state');
  const sort = SORTS.find((each) => each === params.get('sort'));
  const kind = params.get('kind') ?? '';
  const minKwh = params.get('min_kwh') ?? '';
  return {
    state: state === 'all' || state === 'closed' ? state : 'open',
    kind: CASE_KINDS.some((each) => each === kind) ? kind : '',
    sort: sort ?? 'score',
    text: params.get('text') ?? '',
    minKwh: /^\d{1,7}$/.test(minKwh) ? minKwh : '',
  };
}

/** For the page's own address. */
export function queryFromFilter({ state, kind, sort, text, minKwh }: QueueFilter): string {
  const params = new URLSearchParams();
  if (state !== 'open') params.set('state', state);
  if (kind) params.set('kind', kind);
  if (sort !== 'score') params.set('sort', sort);
  if (text) params.set('text', text);
  if (minKwh) params.set('min_kwh', minKwh);
  const query = params.toString();
  return query && `?${query}`;
}

/** As GET /api/v1/cases takes it, and saved views keep it. */
export function apiFilter({ state, kind, sort, text, minKwh }: QueueFilter): Record<string, string> {
  return {
    sort,
    ...(STATES[state] && { state: STATES[state] }),
    ...(kind && { kind }),
    ...(text.trim() && { text: text.trim() }),
    ...(minKwh && { min_kwh: minKwh }),
  };
}

/** Of a saved view, which was saved here or by a program. */
export function filterFromView(view: Readonly<Record<string, string>>): QueueFilter {
  const state = view.state === undefined ? 'all' : view.state === STATES.closed ? 'closed' : 'open';
  return filterFromQuery(`?${new URLSearchParams({ ...view, state }).toString()}`);
}
