import type { ClientBase } from 'pg';
import { RefusedError } from '../../config/errors.js';
import { inTransaction } from '../../database/transaction.js';
import { dayFromIso, isoFromDay } from '../../grid/domain/calendar.js';
import { csvBatches, type CsvRecord } from '../../uploads/formats/csv-records.js';
import type { WeighedEvidence } from './domain/reweigh.js';
import type { SamplingArm } from './domain/sampling.js';
import { newestRunDay, scoreAsOf } from '../score-as-of.js';
import { weightsVersionIn } from './domain/weight-set.js';
import {
  ARMS,
  OUTCOMES,
  recordOutcomes,
  type InspectionOutcome,
  type Outcome,
} from './inspection-outcomes.js';
import { weightsInForce } from './weight-sets.js';

export interface RefusedRow {
  /** The header is line 1. */
  readonly line: number;
  /** Column; empty when the line as a whole can't be read. */
  readonly field: string;
  readonly reason: string;
}

export interface ImportSummary {
  readonly recorded: number;
  /** Recorded by an earlier import. */
  readonly known: number;
  readonly refused: readonly RefusedRow[];
}

const REQUIRED = ['metering_point', 'outcome', 'arm', 'decided_at'] as const;
const OPTIONAL = ['inclusion_probability', 'utility'] as const;
type Column = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number];

interface Header {
  readonly delimiter: string;
  readonly at: ReadonlyMap<Column, number>;
}

/** Evidence older than this says little of what an inspector met; newer than the decision, it shows what came of it. */
const EVIDENCE_DAYS = 45;

/**
 * Takes past inspections from a CSV file (`metering_point,outcome,arm,decided_at[,inclusion_probability][,utility]`). The
 * evidence is the stored score's, which must be of a day shortly before the decision: a rig that an inspection ended is
 * gone from later readings, and would teach that miners look innocent. Rows that can't be taken are refused one by one;
 * a row that was imported before is left alone.
 *
 * @throws RefusedError the file is empty, or its header lacks a column.
 */
export async function importOutcomes(
  client: ClientBase,
  input: AsyncIterable<Buffer>,
  { source, now }: { readonly source: string; readonly now: Date },
): Promise<ImportSummary> {
  let [recorded, known] = [0, 0];
  const refused: RefusedRow[] = [];
  await weightsInForce(client, now);
  for await (const batch of csvBatches(input, parseHeader)) {
    refused.push(...batch.rejected.map(({ line, field, detail }) => ({ line, field, reason: detail })));
    const parsed = batch.records.map((record) => parseRow(record, batch.header, now));
    const points = await findPoints(
      client,
      parsed.flatMap((row) => ('refused' in row ? [] : row.meteringPoint)),
    );
    const outcomes: InspectionOutcome[] = [];
    for (const row of parsed) {
      const taken = 'refused' in row ? row : withEvidence(row, points.get(row.meteringPoint) ?? [], source);
      if ('refused' in taken) refused.push(taken.refused);
      else outcomes.push(taken);
    }
    const fresh = await inTransaction(client, () => recordOutcomes(client, outcomes, now));
    const added = fresh.filter((isNew) => isNew).length;
    recorded += added;
    known += fresh.length - added;
  }
  return { recorded, known, refused: refused.sort((a, b) => a.line - b.line) };
}

/** Semicolons where the line has one: what spreadsheets write where the comma is a decimal mark. */
function parseHeader(line: Buffer): Header {
  const text = line.toString('utf8').replace(/^\uFEFF/, '');
  const delimiter = text.includes(';') ? ';' : ',';
  const names = text.split(delimiter).map((name) =>
    name
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .toLowerCase(),
  );
  const at = new Map<Column, number>();
  for (const column of [...REQUIRED, ...OPTIONAL])
    if (names.includes(column)) at.set(column, names.indexOf(column));
  const missing = REQUIRED.filter((column) => !at.has(column));
  if (missing.length > 0)
    throw new RefusedError(
      `The header lacks ${missing.join(', ')}; it should read ${REQUIRED.join(',')}[,${OPTIONAL.join('][,')}].`,
    );
  return { delimiter, at };
}

type Refusal = { readonly refused: RefusedRow };

interface ParsedRow {
  readonly line: number;
  readonly meteringPoint: string;
  readonly utility: string | null;
  readonly outcome: Outcome;
  readonly arm: SamplingArm;
  readonly inclusionProbability: number | null;
  readonly decidedAt: Date;
}

function parseRow({ line, cells }: CsvRecord, { at }: Header, now: Date): ParsedRow | Refusal {
  const cell = (column: Column) => cells[at.get(column) ?? -1] ?? '';
  const refuse = (field: Column, reason: string) => ({ refused: { line, field, reason } });
  const [meteringPoint, outcome, arm] = [cell('metering_point'), cell('outcome'), cell('arm')];
  if (meteringPoint === '') return refuse('metering_point', 'is empty');
  if (!isOneOf(OUTCOMES, outcome))
    return refuse('outcome', `${quote(outcome)} is not confirmed or dismissed`);
  if (!isOneOf(ARMS, arm)) return refuse('arm', `${quote(arm)} is not targeted or random_audit`);
  const decidedAt = parseMoment(cell('decided_at'));
  if (decidedAt === null)
    return refuse(
      'decided_at',
      `${quote(cell('decided_at'))} is not a day or a moment with its offset (ISO 8601)`,
    );
  if (decidedAt > now) return refuse('decided_at', `${quote(cell('decided_at'))} is yet to come`);
  const written = cell('inclusion_probability');
  const probability = Number(written.replace(',', '.'));
  if (arm === 'targeted' && written !== '')
    return refuse('inclusion_probability', 'is for random_audit only: leave it empty');
  if (arm === 'random_audit' && !(written !== '' && probability > 0 && probability <= 1))
    return refuse('inclusion_probability', `${quote(written)} is not a probability above 0 and up to 1`);
  const inclusionProbability = arm === 'random_audit' ? probability : null;
  const utility = cell('utility') || null;
  return { line, meteringPoint, utility, outcome, arm, inclusionProbability, decidedAt };
}

function isOneOf<T extends string>(allowed: readonly T[], text: string): text is T {
  return (allowed as readonly string[]).includes(text);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

/** A day stands for its first moment. */
function parseMoment(text: string): Date | null {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d))?$/.exec(text);
  if (match === null || dayFromIso(match[1]) === null) return null;
  const [, day, time = '00:00', offset = 'Z'] = match;
  const moment = new Date(`${day}T${time}${offset}`);
  return Number.isNaN(moment.getTime()) ? null : moment;
}

interface KnownPoint {
  readonly id: number;
  readonly externalId: string;
  readonly utility: string;
  readonly score: number | null;
  readonly asOf: string | null;
  readonly evidence: WeighedEvidence[] | null;
  readonly settingsVersion: string | null;
}

async function findPoints(client: ClientBase, names: readonly string[]): Promise<Map<string, KnownPoint[]>> {
  const { rows } = await client.query<KnownPoint>(
    `select p.id, p.external_id as "externalId", u.code as utility, s.score,
       to_char(${scoreAsOf('$2')}, 'YYYY-MM-DD') as "asOf", s.evidence, r.settings_version as "settingsVersion"
     from metering_point p
     join utility u on u.id = p.utility_id
     left join score s on s.metering_point_id = p.id
     left join scoring_run r on r.id = s.run_id
     where p.kind = 'household' and p.external_id = any ($1)`,
    [names, await newestRunDay(client)],
  );
  const points = new Map<string, KnownPoint[]>();
  for (const point of rows) points.set(point.externalId, [...(points.get(point.externalId) ?? []), point]);
  return points;
}

function withEvidence(
  row: ParsedRow,
  named: readonly KnownPoint[],
  source: string,
): InspectionOutcome | Refusal {
  const refuse = (field: Column, reason: string) => ({ refused: { line: row.line, field, reason } });
  const points = named.filter(({ utility }) => row.utility === null || utility === row.utility);
  if (points.length === 0)
    return refuse('metering_point', `${quote(row.meteringPoint)} is not in the registry`);
  if (points.length > 1)
    return refuse(
      'metering_point',
      `${quote(row.meteringPoint)} is one of several utilities': add the column utility`,
    );
  const [{ id, score, asOf, evidence, settingsVersion }] = points;
  if (score === null || asOf === null || settingsVersion === null)
    return refuse(
      'metering_point',
      `${quote(row.meteringPoint)} has no score: load its readings and score first`,
    );
  const decidedDay = Math.floor(row.decidedAt.getTime() / 86_400_000);
  const age = decidedDay - dayFromIso(asOf)!;
  if (age < 0 || age > EVIDENCE_DAYS) {
    const when = isoFromDay(decidedDay);
    return refuse(
      'decided_at',
      `the stored score is of ${asOf}; first run gridwarden score --as-of ${when} (up to ${EVIDENCE_DAYS} days before will do)`,
    );
  }
  return {
    meteringPointId: id,
    alertId: null,
    arm: row.arm,
    inclusionProbability: row.inclusionProbability,
    outcome: row.outcome,
    decidedAt: row.decidedAt,
    score,
    evidence,
    weightsVersion: weightsVersionIn(settingsVersion),
    source,
  };
}
