import {
  bringsSeeded,
  commitmentOf,
  drawReinspections,
  drawVisits,
  seedOf,
  stepLabel,
  visitsDue,
  type DrawShares,
  type SealedStep,
} from './draws.js';

/** What of an entry of the audit log draws go by. */
export interface LogEntry {
  readonly seq: number;
  readonly kind: string;
  readonly subject: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Entries of these kinds are all that draws are made from. */
export const DRAW_KINDS: ReadonlySet<string> = new Set([
  'draws.committed',
  'draws.opened',
  'case.dealt',
  'case.confirmed',
  'case.dismissed',
]);

interface Committed {
  readonly seq: number;
  readonly from: number;
  readonly to: number;
  readonly commitment: string;
  readonly shares: DrawShares;
  readonly beacon: string | null;
}

interface Opened {
  readonly secret: string;
  readonly beacon: string | null;
  readonly reinspections: readonly { readonly of: string; readonly case: number | null }[];
  readonly seeded: readonly { readonly with: string; readonly case: number }[];
  readonly visits: {
    readonly made: number;
    readonly highest: number;
    readonly drawn: readonly { readonly point: number; readonly case: number }[];
    readonly skipped: readonly number[];
  };
}

interface Step extends SealedStep {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
}

export interface CheckedPeriod {
  readonly period: string;
  readonly state: 'committed' | 'opened';
  readonly decisions: number;
  readonly reinspections: number;
  readonly seeded: number;
  readonly visits: number;
  /** What does not follow from the log, each as a sentence; empty: all of it does. */
  readonly faults: readonly string[];
}

/** Whether the secret is the signature that it must be; null where the log's key is not at hand. */
export type SecretCheck = ((period: string, secret: Buffer) => boolean) | null;

/**
 * Makes every draw again from the log alone, and names what was drawn otherwise. Take entries in their order; what only the
 * database knows (which number is a household's) is taken at its word, and said in the log to be checked there.
 */
export class DrawCheck {
  private readonly committed = new Map<string, Committed>();
  private readonly opened = new Map<string, Opened>();
  private readonly steps: Step[] = [];
  private readonly early = new Map<string, string[]>();

  take({ seq, kind, subject, body }: LogEntry): void {
    if (kind === 'draws.committed') this.commit(subject.slice('draws:'.length), seq, body);
    else if (kind === 'draws.opened')
      this.opened.set(subject.slice('draws:'.length), body as unknown as Opened);
    else this.step(seq, kind, Number(subject.slice('case:'.length)), body);
  }

  private commit(period: string, seq: number, body: LogEntry['body']): void {
    const { from, to, commitment, shares, beacon } = body as unknown as Record<'from' | 'to', string> &
      Pick<Committed, 'commitment' | 'shares' | 'beacon'>;
    const faults = this.committed.has(period) ? ['its secret was fixed twice'] : [];
    this.early.set(period, [...(this.early.get(period) ?? []), ...faults]);
    if (faults.length > 0) return;
    this.committed.set(period, {
      seq,
      from: Date.parse(from),
      to: Date.parse(to),
      commitment,
      shares,
      beacon,
    });
  }

  private step(seq: number, kind: string, caseId: number, body: LogEntry['body']): void {
    const outcome = kind === 'case.confirmed' ? 'confirmed' : 'dismissed';
    this.steps.push({
      seq,
      kind,
      caseId,
      version: Number(body.version),
      at: Date.parse(String(body.at)),
      outcome,
    });
  }

  periods(secretCheck: SecretCheck): CheckedPeriod[] {
    const reinspecting = this.casesOf(({ reinspections }) => reinspections);
    const seeded = this.casesOf((opened) => opened.seeded);
    const checked = [...this.committed].map(([period, committed]) =>
      this.check(period, committed, { reinspecting, seeded, secretCheck }),
    );
    const unfixed = [...this.opened.keys()].filter((period) => !this.committed.has(period));
    return [
      ...checked,
      ...unfixed.map((period) => ({
        ...NOTHING,
        period,
        state: 'opened' as const,
        faults: ['it was drawn without a secret fixed before'],
      })),
    ];
  }

  private casesOf(listed: (opened: Opened) => readonly { readonly case: number | null }[]): Set<number> {
    return new Set(
      [...this.opened.values()].flatMap((one) => listed(one).flatMap((each) => each.case ?? [])),
    );
  }

  private check(
    period: string,
    committed: Committed,
    known: { reinspecting: Set<number>; seeded: Set<number>; secretCheck: SecretCheck },
  ): CheckedPeriod {
    const within = this.steps.filter(({ at }) => at >= committed.from && at < committed.to);
    const faults = [...(this.early.get(period) ?? [])];
    const before = within.find(({ seq }) => seq < committed.seq);
    if (before !== undefined) faults.push(`entry ${before.seq} was recorded before its secret was fixed`);
    const sealed = within.filter(
      ({ kind, caseId }) =>
        kind !== 'case.dealt' && !known.reinspecting.has(caseId) && !known.seeded.has(caseId),
    );
    const opened = this.opened.get(period);
    if (opened === undefined)
      return { ...NOTHING, period, state: 'committed', decisions: sealed.length, faults };
    const secret = Buffer.from(opened.secret, 'hex');
    if (commitmentOf(secret) !== committed.commitment)
      faults.push('the secret told is not the one that was fixed');
    if (known.secretCheck?.(period, secret) === false)
      faults.push('the secret is not the signature of the log’s key over its name');
    if ((committed.beacon === null) !== (opened.beacon === null))
      faults.push('a beacon was promised and not used, or used and not promised');
    const seed = seedOf(secret, opened.beacon);
    faults.push(
      ...differences(
        'case to be looked at again',
        drawReinspections(seed, sealed, committed.shares).map(stepLabel),
        opened.reinspections.map(({ of }) => of),
      ),
      ...seededFaults(
        within.filter(({ kind, caseId }) => kind === 'case.dealt' && !known.seeded.has(caseId)),
        seedOf(secret, null),
        committed.shares,
        opened,
      ),
      ...visitFaults(seed, committed.shares, opened.visits),
    );
    return {
      period,
      state: 'opened',
      decisions: sealed.length,
      reinspections: opened.reinspections.length,
      seeded: opened.seeded.length,
      visits: opened.visits.drawn.length,
      faults,
    };
  }
}

const NOTHING = { decisions: 0, reinspections: 0, seeded: 0, visits: 0 };

function differences(what: string, due: readonly string[], drawn: readonly string[]): string[] {
  const missing = due.filter((label) => !drawn.includes(label));
  const extra = drawn.filter((label) => !due.includes(label));
  return [
    ...missing.map((label) => `${what} ${label} is missing from the draw`),
    ...extra.map((label) => `${what} ${label} does not follow from the seed`),
  ];
}

/** Where too few cases are known fewer are put into the queue; none beside those that are due. */
function seededFaults(
  dealt: readonly Step[],
  seed: string,
  { seeded: share }: DrawShares,
  { seeded }: Opened,
): string[] {
  const due = new Set(dealt.filter((step) => bringsSeeded(seed, step, share)).map(stepLabel));
  return seeded
    .filter((each) => !due.has(each.with))
    .map((each) => `known case ${each.case} does not follow from the secret`);
}

function visitFaults(
  seed: string,
  { visits: share }: DrawShares,
  { made, highest, drawn, skipped }: Opened['visits'],
): string[] {
  const passed = new Set(skipped);
  const points = drawn.map(({ point }) => point);
  const count = points.length;
  const again = drawVisits(seed, count, highest, (id) => !passed.has(id));
  const faults = differences('household', again.points.map(String), points.map(String));
  if (count > visitsDue(made, share)) faults.push(`${count} households were drawn after ${made} visits`);
  return faults;
}
