import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { version } from '../../config/version.js';
import { dayFromIso, isoFromDay } from '../../grid/domain/calendar.js';
import { weightsVersionIn } from '../../detection/learning/domain/weight-set.js';
import type { LoadedRulebook } from '../../rulebook/rulebook-file.js';
import { caseCurve } from '../case-curve.js';
import { casePage, type CasePage } from '../case-page.js';
import { onConnection } from '../case-transaction.js';
import type { Viewer } from '../viewer.js';
import { caseAudit, type CaseAudit } from './case-audit.js';
import { provenanceOf, type Provenance } from './provenance.js';

/** Who lives there, as it was shown for this dossier. */
export interface Identity {
  readonly disclosure: number;
  readonly consumer_name: string | null;
  readonly address: string | null;
}

/** A standard-time day of the curve; null where readings are missing. */
export interface DossierDay {
  readonly day: string;
  readonly kwh: number | null;
  /** 10th and 90th percentile of comparable neighbours; null with too few of them. */
  readonly p10_kwh: number | null;
  readonly p90_kwh: number | null;
  readonly estimated: boolean;
}

export interface DossierCurve {
  /** Standard-time days `[from, to)`. */
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly offset_minutes: number;
  readonly neighbours: number;
  readonly onset: { readonly since: string; readonly from: string; readonly to: string } | null;
  readonly quota: readonly {
    readonly month: string;
    readonly limit_kwh: number;
    readonly kwh_per_day: number;
  }[];
  readonly days: readonly DossierDay[];
  /** Hour by hour, days after one another; NaN = missing. For the carpet; not in the API's answer. */
  readonly hourly: Float32Array;
}

/** What a score was made with. */
export interface Method {
  readonly software: string;
  readonly scoring_run: number | null;
  readonly settings_version: string | null;
  readonly weights_version: string | null;
  readonly rulebook_version: string;
  readonly detectors: readonly { readonly detector: string; readonly version: number }[];
}

/** Everything that is known of a case, for somebody who was not there. */
export interface Dossier {
  readonly generated_at: string;
  readonly identity: Identity | null;
  readonly case: CasePage;
  /** Names of those whom decisions and history know by number. */
  readonly people: readonly { readonly id: number; readonly name: string }[];
  readonly curve: DossierCurve;
  readonly provenance: Provenance;
  readonly method: Method;
  readonly audit: CaseAudit;
}

export interface DossierContext {
  readonly rulebook: LoadedRulebook;
  readonly dataDir: string;
  /** Called once it is known that the case is theirs to see. */
  readonly identity: (pointId: number) => Promise<Identity | null>;
  readonly now: Date;
}

/** @throws NotFoundException the case is none of theirs */
export async function caseDossier(
  dataSource: DataSource,
  viewer: Viewer,
  id: number,
  { rulebook, dataDir, identity, now }: DossierContext,
): Promise<Dossier> {
  const page = await casePage(dataSource, viewer, id, { rulebook, now });
  const shown = await identity(page.point.id);
  const curve = await dossierCurve(dataSource, viewer, id, rulebook);
  return onConnection(dataSource, async (client) => ({
    generated_at: now.toISOString(),
    identity: shown,
    case: page,
    people: await namesOf(client, page),
    curve,
    provenance: await provenanceOf(client, page.point.id, curve),
    method: await methodOf(client, page, rulebook),
    audit: await caseAudit(client, id, dataDir),
  }));
}

/** Of the year that the page shows, from the first day that was read: by days for the curve and by hours for the carpet. */
async function dossierCurve(
  dataSource: DataSource,
  viewer: Viewer,
  id: number,
  rulebook: LoadedRulebook,
): Promise<DossierCurve> {
  const year = { from: null, to: null };
  const daily = await caseCurve(dataSource, viewer, id, { ...year, resolution: 'day' }, rulebook);
  const hourly = await caseCurve(dataSource, viewer, id, { ...year, resolution: 'hour' }, rulebook);
  const kwh = floatsOf(daily.kwh);
  // By hours: a day that misses one has no sum, and is read all the same.
  const skipped = firstRead(floatsOf(hourly.kwh));
  const first = dayFromIso(daily.from)!;
  const low = floatsOf(daily.neighbours.p10_kwh);
  const high = floatsOf(daily.neighbours.p90_kwh);
  const marks = Buffer.from(daily.quality.base64, 'base64');
  const days = Array.from(kwh, (value, index) => ({
    day: isoFromDay(first + index),
    kwh: numberOf(value),
    p10_kwh: numberOf(low[index]),
    p90_kwh: numberOf(high[index]),
    estimated: !Number.isNaN(value) && marks[index] > 0,
  }));
  return {
    from: isoFromDay(first + skipped),
    to: daily.to,
    zone: daily.zone,
    offset_minutes: daily.offset_minutes,
    neighbours: daily.neighbours.points,
    onset: daily.onset,
    quota: daily.quota.map(({ month, limit_kwh, kwh_per_slot }) => ({
      month,
      limit_kwh,
      kwh_per_day: kwh_per_slot,
    })),
    days: days.slice(skipped),
    hourly: floatsOf(hourly.kwh).subarray(skipped * 24),
  };
}

/** Days before the first that has a reading; none when there is no reading at all. */
function firstRead(hourly: Float32Array): number {
  const hour = hourly.findIndex((value) => !Number.isNaN(value));
  return hour < 0 ? 0 : Math.floor(hour / 24);
}

async function namesOf(client: ClientBase, { decisions, history }: CasePage): Promise<Dossier['people']> {
  const acted = history.flatMap(({ actor }) => /^person (\d+)$/.exec(actor)?.[1] ?? []).map(Number);
  const { rows } = await client.query<Dossier['people'][number]>(
    `select person_id as id, name from person_identity where person_id = any ($1) order by person_id`,
    [[...decisions.map(({ made_by }) => made_by), ...acted]],
  );
  return rows;
}

async function methodOf(client: ClientBase, page: CasePage, rulebook: LoadedRulebook): Promise<Method> {
  const { rows } = await client.query<{ run: number; settingsVersion: string }>(
    `select r.id as run, r.settings_version as "settingsVersion"
     from alert_event e join scoring_run r on r.id = e.run_id
     where e.alert_id = $1 order by e.id desc limit 1`,
    [page.alerts.at(0)?.id ?? null],
  );
  const settings = rows.at(0)?.settingsVersion ?? null;
  const versions = new Map(page.findings.map(({ detector, version: of }) => [detector, of]));
  return {
    software: `Gridwarden ${version()}`,
    scoring_run: rows.at(0)?.run ?? null,
    settings_version: settings,
    weights_version: settings === null ? null : weightsVersionIn(settings),
    rulebook_version: rulebook.version,
    detectors: [...versions].map(([detector, of]) => ({ detector, version: of })).sort(byDetector),
  };
}

function byDetector(a: { readonly detector: string }, b: { readonly detector: string }): number {
  return a.detector < b.detector ? -1 : 1;
}

function floatsOf({ base64 }: { readonly base64: string }): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

function numberOf(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
