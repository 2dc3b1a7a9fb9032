import type { ClientBase } from 'pg';
import type { Viewer } from '../cases/viewer.js';
import { judgeCorrections } from './domain/corrections.js';
import { qualityOf } from './domain/quality.js';
import type { QualityView } from './integrity.schemas.js';
import { readCorrections, readObserved } from './read-quality.js';

const DAY_MS = 86_400_000;

/** Inspectors by name: all for an auditor, a supervisor's own people for a supervisor. */
export async function qualityFor(
  client: ClientBase,
  { role, organisation: own }: Pick<Viewer, 'role' | 'organisation'>,
  { days, now }: { readonly days: number; readonly now: Date },
): Promise<QualityView> {
  const span = { from: new Date(now.getTime() - days * DAY_MS), to: now };
  const { everybody, organisations, inspectors } = qualityOf(await readObserved(client, span));
  const shown = inspectors.filter(({ organisation }) => role === 'auditor' || organisation === own);
  const names = await namesOf(
    client,
    shown.map(({ inspector }) => inspector),
  );
  return {
    from: span.from.toISOString(),
    to: span.to.toISOString(),
    everybody: writable(everybody),
    organisations: organisations.map(writable),
    inspectors: shown.map((each) => ({ ...writable(each), name: names.get(each.inspector) ?? '' })),
    utilities: (await readCorrections(client, span)).map((each) => ({ ...each, ...judgeCorrections(each) })),
  };
}

async function namesOf(client: ClientBase, ids: readonly number[]): Promise<Map<number, string>> {
  const { rows } = await client.query<{ id: number; name: string }>(
    `select person_id as id, name from person_identity where person_id = any ($1)`,
    [ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function writable<T extends { readonly remarks: readonly string[] }>(
  one: T,
): Omit<T, 'remarks'> & { remarks: T['remarks'][number][] } {
  return { ...one, remarks: [...one.remarks] };
}
