import type { ClientBase } from 'pg';
import type { DayNumber } from '../grid/domain/calendar.js';
import type { Rulebook } from '../rulebook/domain/rule.js';
import type { DetectionSettings } from './domain/settings.js';
import type { HeatingMovement, PeerGroup } from './domain/types.js';
import { sampleHeating } from './heating-samples.js';
import { samplePeerGroups } from './peer-samples.js';
import type { ScoringPlan } from './scoring-plan.js';
import { TerritorySurroundings, type TerritoryData } from './territory-surroundings.js';

/** What every block of a run is scored against: read once, and plain data, so that threads can be given it. */
export interface ScoringContext {
  readonly runId: number;
  readonly settingsVersion: string;
  readonly rulebook: Rulebook;
  readonly settings: DetectionSettings;
  /** Days `[firstDay, asOf)` are looked at. */
  readonly firstDay: DayNumber;
  readonly asOf: DayNumber;
  /** Nothing is stored before `firstDay`. */
  readonly isWholeHistory: boolean;
  /** To a day of its own, and not of all that is stored. */
  readonly isLookBack: boolean;
  readonly territories: TerritoryData;
  readonly peers: ReadonlyMap<string, PeerGroup>;
  readonly heating: ReadonlyMap<string, HeatingMovement>;
  /** Neither scores nor judgements are stored yet: rows can be copied straight in. */
  readonly isFirstRun: boolean;
  readonly hasEvents: boolean;
  readonly hasRegisters: boolean;
  /** Metering points with an alert that is not resolved. */
  readonly alerted: ReadonlySet<number>;
}

type Frame = Pick<
  ScoringContext,
  | 'runId'
  | 'settingsVersion'
  | 'rulebook'
  | 'settings'
  | 'firstDay'
  | 'asOf'
  | 'isWholeHistory'
  | 'isLookBack'
>;

/** `plan` null: every point is scored. */
export async function readContext(
  client: ClientBase,
  frame: Frame,
  plan: ScoringPlan | null,
): Promise<ScoringContext> {
  const days = { from: frame.firstDay, to: frame.asOf };
  const surroundings = await TerritorySurroundings.load(client, frame.rulebook, days);
  const territories = plan && (await territoriesOf(client, plan));
  const request = { ...days, isWholeHistory: frame.isWholeHistory, territories };
  const { groups } = await samplePeerGroups(client, surroundings, request);
  const { movements } = await sampleHeating(client, surroundings, request);
  const { rows } = await client.query<Pick<ScoringContext, 'isFirstRun' | 'hasEvents' | 'hasRegisters'>>(
    `select not exists (select from score) and not exists (select from quota_judgement) as "isFirstRun",
       exists (select from meter_event) as "hasEvents", exists (select from register_reading) as "hasRegisters"`,
  );
  const alerted = await alertedPoints(client);
  return { ...frame, ...rows[0], alerted, territories: surroundings.data, peers: groups, heating: movements };
}

async function alertedPoints(client: ClientBase): Promise<Set<number>> {
  const { rows } = await client.query<{ id: number }>(
    `select distinct metering_point_id as id from alert where state <> 'resolved'`,
  );
  return new Set(rows.map(({ id }) => id));
}

async function territoriesOf(client: ClientBase, { ids }: ScoringPlan): Promise<Set<string>> {
  const { rows } = await client.query<{ code: string }>(
    'select distinct territory_code as code from metering_point where id = any ($1)',
    [Array.from(ids)],
  );
  return new Set(rows.map(({ code }) => code));
}
