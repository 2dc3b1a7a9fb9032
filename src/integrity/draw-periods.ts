import type { ClientBase } from 'pg';
import { systemActor } from '../audit/append-audit.js';
import { recordAtEnd } from '../audit/audited-transaction.js';
import type { SignerKey } from '../audit/domain/signed-note.js';
import { beaconAddress } from './beacon.js';
import { commitmentOf, periodOf, type DrawShares } from './domain/draws.js';
import { secretOf } from './draw-secret.js';

export const DRAWS = systemActor('draws');
/** Draws are made one at a time. */
export const DRAWS_LOCK = `pg_advisory_xact_lock(hashtext('gridwarden.draws'))`;

export interface DrawSettings {
  readonly drawDays: number;
  readonly shares: DrawShares;
  /** Address with `{unix}`; null: no beacon. */
  readonly beacon: string | null;
}

export interface StoredPeriod {
  readonly name: string;
  readonly fromAt: Date;
  readonly toAt: Date;
  readonly commitment: string;
  readonly shares: DrawShares;
  readonly beaconUrl: string | null;
}

export const PERIOD_COLUMNS = `to_char(name, 'YYYY-MM-DD') as name, from_at as "fromAt", to_at as "toAt", commitment, shares,
  beacon_url as "beaconUrl"`;

/**
 * Fixes the secrets of this period and the next, in the caller's audited transaction. Of a period that has begun already
 * (the first of an installation) only what comes from now on is drawn from.
 */
export async function commitPeriods(
  client: ClientBase,
  key: SignerKey,
  { drawDays, shares, beacon }: DrawSettings,
  now: Date,
): Promise<void> {
  await client.query(`select ${DRAWS_LOCK}`);
  for (const ahead of [0, 1]) {
    const { name, from, to } = periodOf(now, drawDays, ahead);
    const begins = new Date(Math.max(from.getTime(), ahead === 0 ? now.getTime() : 0));
    const commitment = commitmentOf(secretOf(key, name));
    const beaconUrl = beacon === null ? null : beaconAddress(beacon, to);
    const { rowCount } = await client.query(
      `insert into draw_period (name, from_at, to_at, commitment, shares, beacon_url, committed_at)
       select $1::date, greatest($2::timestamptz, (select max(to_at) from draw_period)), $3, $4, $5, $6, $7
       where not exists (select from draw_period where name = $1::date or to_at >= $3)`,
      [name, begins, to, commitment, JSON.stringify(shares), beaconUrl, now],
    );
    if (rowCount === 0) continue;
    const { rows } = await client.query<StoredPeriod>(
      `select ${PERIOD_COLUMNS} from draw_period where name = $1::date`,
      [name],
    );
    recordAtEnd(client, {
      actor: DRAWS,
      kind: 'draws.committed',
      subject: `draws:${name}`,
      body: {
        from: rows[0].fromAt.toISOString(),
        to: rows[0].toAt.toISOString(),
        commitment,
        shares,
        beacon: beaconUrl,
      },
    });
  }
}
