import { createHash } from 'node:crypto';

/*
 * Draws that anybody can make again. Before a period begins its secret is fixed: SHA-256 of it stands in the audit log. After
 * the period's decisions are sealed the secret is told, and what was drawn follows from it and from the log alone.
 */

/** Shares of what happens in a period that are drawn. */
export interface DrawShares {
  /** Of dismissals and confirmations, to be looked at again by somebody else. */
  readonly dismissals: number;
  readonly confirmations: number;
  /** Known cases put into the queue, of the cases dealt. */
  readonly seeded: number;
  /** Visits at random, of all visits. */
  readonly visits: number;
}

/** A span of whole days, named by its first. */
export interface DrawPeriod {
  /** `2026-11-16` */
  readonly name: string;
  readonly from: Date;
  readonly to: Date;
}

const DAY_MS = 86_400_000;
/** A Monday: periods of seven days are weeks. */
const FIRST_DAY = Date.UTC(2024, 0, 1) / DAY_MS;

/** The period that holds the moment, `ahead` periods later. */
export function periodOf(now: Date, days: number, ahead = 0): DrawPeriod {
  const day = Math.floor(now.getTime() / DAY_MS) - FIRST_DAY;
  const first = FIRST_DAY + (Math.floor(day / days) + ahead) * days;
  const from = new Date(first * DAY_MS);
  return { name: from.toISOString().slice(0, 10), from, to: new Date((first + days) * DAY_MS) };
}

/** What the secret of a period is the signature over: made by the log's key, so that nobody can choose it. */
export function secretText(origin: string, period: string): string {
  return `gridwarden-draws/1\n${origin}\n${period}\n`;
}

export function commitmentOf(secret: Buffer): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** @param beacon a value from outside that nobody here could know when the period began; null: there is none */
export function seedOf(secret: Buffer, beacon: string | null): string {
  return createHash('sha256')
    .update(`${secret.toString('hex')}:${beacon ?? ''}`)
    .digest('hex');
}

/**
 * In `[0, 1)`: the first 48 bits of SHA-256 over `seed:label`. A label of its own for each thing drawn, so that a draw does
 * not depend on what else there is. Common tools make it again: `printf 'seed:label' | sha256sum`.
 */
export function drawNumber(seed: string, label: string): number {
  return createHash('sha256').update(`${seed}:${label}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** What ended a case in the period. */
export interface SealedStep {
  readonly caseId: number;
  readonly version: number;
  readonly outcome: 'confirmed' | 'dismissed';
}

export function stepLabel({ caseId, version }: Pick<SealedStep, 'caseId' | 'version'>): string {
  return `${caseId}@${version}`;
}

/** Which of the sealed decisions are looked at again. */
export function drawReinspections(
  seed: string,
  steps: readonly SealedStep[],
  { dismissals, confirmations }: Pick<DrawShares, 'dismissals' | 'confirmations'>,
): SealedStep[] {
  return steps.filter((step) => {
    const share = step.outcome === 'dismissed' ? dismissals : confirmations;
    return drawNumber(seed, `reinspection:${stepLabel(step)}`) < share;
  });
}

/**
 * Which dealt cases bring a known case with them. Drawn with the secret alone, while the period lasts: a beacon is not known
 * yet.
 */
export function bringsSeeded(
  secretSeed: string,
  step: Pick<SealedStep, 'caseId' | 'version'>,
  share: number,
): boolean {
  return drawNumber(secretSeed, `seeded:${stepLabel(step)}`) < share;
}

/** Draws made in vain are few: ids of points are nearly without gaps. */
const MOST_TRIES_PER_VISIT = 10_000;

export interface DrawnVisits {
  readonly points: readonly number[];
  /** Numbers that were drawn and are no household's. */
  readonly skipped: readonly number[];
}

/**
 * `count` different households, all equally likely: numbers from 1 to `highestId`, drawn one after the other; one that
 * `isHousehold` does not know is passed over, and said to be.
 */
export function drawVisits(
  seed: string,
  count: number,
  highestId: number,
  isHousehold: (id: number) => boolean,
): DrawnVisits {
  const [points, skipped] = [new Set<number>(), new Set<number>()];
  const tries = Math.max(1, count) * MOST_TRIES_PER_VISIT;
  for (let draw = 0; points.size < count && draw < tries; draw++) {
    const id = 1 + Math.floor(drawNumber(seed, `visit:${draw}`) * highestId);
    (isHousehold(id) ? points : skipped).add(id);
  }
  return { points: [...points], skipped: [...skipped] };
}

/** How many visits are drawn for so many that were made: at least one where any share is asked for. */
export function visitsDue(made: number, share: number): number {
  return share === 0 ? 0 : Math.max(1, Math.round(made * share));
}
