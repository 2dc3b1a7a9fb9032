import { Injectable, NotFoundException } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { recordAtEnd } from '../audit/audited-transaction.js';
import { sealRows } from '../audit/row-seals.js';
import { ChangeKinds, type ChangeKind, type Proposer } from '../approvals/change-kinds.js';
import { RefusedError } from '../config/errors.js';
import { Id, lineOfText } from '../config/input-values.js';

const Kilowatts = z.number().min(0).max(1e6).nullable();

/** What may be changed of a metering point by hand; its place in the grid comes with the registry. */
const PointColumns = z
  .strictObject({
    household: lineOfText(100).nullable(),
    tariff_category: lineOfText(100).nullable(),
    electric_heating: z.boolean().nullable(),
    contracted_kw: Kilowatts,
    declared_load_kw: Kilowatts,
    declared_purpose: lineOfText(200).nullable(),
  })
  .partial();
type PointColumns = z.output<typeof PointColumns>;

const RegistryEdit = z.strictObject({
  metering_point: Id,
  set: PointColumns.refine((set) => Object.keys(set).length > 0, { error: 'names no column' }),
});
type RegistryEdit = z.output<typeof RegistryEdit>;
type PointChange = {
  readonly metering_point: number;
  readonly was: PointColumns;
  readonly becomes: PointColumns;
};

/** Changes a row of the registry, also to declare a load: a household that declares one is judged by it. */
export const registryEdit: ChangeKind<RegistryEdit, PointChange> = {
  kind: 'point.edit',
  proposers: ['supervisor', 'operator'],
  schema: RegistryEdit,
  prepare: async (client, { metering_point: id, set }, proposer) => {
    const row = await pointOf(client, id, proposer);
    const names = Object.keys(set) as (keyof PointColumns)[];
    const was = Object.fromEntries(names.map((name) => [name, row[name]])) as PointColumns;
    const change = { metering_point: id, was, becomes: set };
    return {
      subject: `metering_point:${id}`,
      change,
      summary: { metering_point: row.external_id, was, becomes: set },
    };
  },
  apply: async (client, { metering_point: id, was, becomes }) => {
    const names = Object.keys(becomes) as (keyof PointColumns)[];
    const { rows } = await client.query<PointColumns>(
      `select ${COLUMNS.join(', ')} from metering_point where id = $1 for update`,
      [id],
    );
    if (rows.length === 0 || names.some((name) => rows[0][name] !== was[name]))
      throw new RefusedError(
        `The registry's row of metering point ${id} has changed since: propose it anew.`,
      );
    await client.query(
      `update metering_point set ${names.map((name, index) => `${name} = $${index + 2}`).join(', ')} where id = $1`,
      [id, ...names.map((name) => becomes[name])],
    );
    await markPoints(client, [id]);
    recordAtEnd(client, ...(await sealRows(client, { of: 'registry', ids: [id], uploadId: null })));
    return { metering_point: id, was, becomes };
  },
};

const COLUMNS = Object.keys(PointColumns.shape) as (keyof PointColumns)[];

const MOST_WHITELIST_DAYS = 366;
const Whitelisting = z.strictObject({
  metering_point: Id,
  until: z.iso.date().meta({ description: 'Last day on which no case opens, within a year.' }),
});
type Whitelisting = z.output<typeof Whitelisting>;

/** Opens no case of a metering point for a while. Its alerts still fire, and are seen. */
export const whitelisting: ChangeKind<Whitelisting> = {
  kind: 'point.whitelist',
  proposers: ['supervisor', 'operator'],
  schema: Whitelisting,
  prepare: async (client, asked, proposer, now) => {
    const days = (Date.parse(asked.until) - now.getTime()) / 86_400_000;
    if (days < 0 || days > MOST_WHITELIST_DAYS)
      throw new RefusedError(`A metering point is whitelisted for ${MOST_WHITELIST_DAYS} days at most.`);
    const { external_id } = await pointOf(client, asked.metering_point, proposer);
    return {
      subject: `metering_point:${asked.metering_point}`,
      change: asked,
      summary: { metering_point: external_id, no_case_until: asked.until },
    };
  },
  apply: async (client, { metering_point: id, until }, { proposalId }) => {
    await client.query(
      `insert into point_whitelist (metering_point_id, until, proposal_id) values ($1, $2, $3)
       on conflict (metering_point_id) do update set until = excluded.until, proposal_id = excluded.proposal_id`,
      [id, until, proposalId],
    );
    return { metering_point: id, until };
  },
};

/** Of these points, those of which no case is to be opened on that day. */
export async function whitelisted(
  client: ClientBase,
  meteringPointIds: readonly number[],
  now: Date,
): Promise<Set<number>> {
  const { rows } = await client.query<{ id: number }>(
    `select metering_point_id as id from point_whitelist where metering_point_id = any ($1) and until >= $2::date`,
    [meteringPointIds, now.toISOString().slice(0, 10)],
  );
  return new Set(rows.map(({ id }) => id));
}

/** What the registry says of a point changes what its readings mean: all its days are looked at again. */
export async function markPoints(client: ClientBase, ids: readonly number[]): Promise<void> {
  await client.query(
    `insert into scoring_mark as mark (metering_point_id, first_day, last_day, marked_at)
     select p, days.first, days.last, now()
     from unnest($1::int[]) as p cross join lateral (
       select min(day) as first, max(day) as last from load_profile where metering_point_id = p) as days
     where days.first is not null order by p
     on conflict (metering_point_id) do update
     set first_day = least(mark.first_day, excluded.first_day), last_day = greatest(mark.last_day, excluded.last_day),
         marked_at = excluded.marked_at`,
    [ids],
  );
}

type PointRow = Required<PointColumns> & { readonly external_id: string };

/** @throws NotFoundException also for another utility's */
async function pointOf(client: ClientBase, id: number, { utilityId }: Proposer): Promise<PointRow> {
  const { rows } = await client.query<PointRow>(
    `select external_id, ${COLUMNS.join(', ')} from metering_point
     where id = $1 and kind = 'household' and ($2::int is null or utility_id = $2)`,
    [id, utilityId],
  );
  if (rows.length === 0) throw new NotFoundException(`There is no metering point ${id}.`);
  return rows[0];
}

/** Makes the registry's kinds of change known. */
@Injectable()
export class PointChanges {
  constructor(kinds: ChangeKinds) {
    kinds.add(registryEdit).add(whitelisting);
  }
}
