import { createHash, randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import { RefusedError, UsageError } from '../../config/errors.js';
import { actorNamed, type Actor, type AuditEntry } from '../../audit/append-audit.js';
import { inAuditedTransaction, recordAtEnd } from '../../audit/audited-transaction.js';
import type { Queryable } from '../../database/queryable.js';
import type { AlertKind, AlertState } from '../domain/lifecycle.js';
import { isOurs, type AllowedNetworks } from './address-policy.js';
import type { Language } from './domain/digest-text.js';

export type Channel = 'webhook' | 'mail';

/** Lanes of their own for each, and a row of the outbox for each and every change: no more than this many at a time. */
export const MOST_SUBSCRIPTIONS = 50;

/** Secrets that sign at a time: the current one, and those on their way out. */
const MOST_SECRETS = 5;
/** Standard Webhooks asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

export interface NewSubscription {
  readonly channel: Channel;
  readonly name: string;
  readonly target: string;
  readonly language: Language;
  readonly territory: string | null;
  /** Null: any. */
  readonly kinds: readonly AlertKind[] | null;
  readonly states: readonly AlertState[] | null;
  readonly createdBy: string;
}

export interface Subscription extends Omit<NewSubscription, 'createdBy'> {
  readonly id: number;
  readonly createdAt: Date;
  readonly goneAt: Date | null;
}

/** How many messages a subscription waits for, and how many it will not get unless somebody replays them. */
export interface SubscriptionStanding extends Subscription {
  readonly waiting: number;
  readonly dead: number;
}

const COLUMNS = `s.id, s.channel, s.name, s.target, s.language, s.territory_code as territory, s.kinds, s.states,
  s.created_at as "createdAt", s.gone_at as "goneAt"`;

/**
 * Takes effect with the next change of an alert; what changed before is not sent. Returns a webhook's secret, the only
 * time that it is shown; null for mail.
 * @throws RefusedError, UsageError
 */
export async function addSubscription(client: ClientBase, wanted: NewSubscription): Promise<string | null> {
  return inAuditedTransaction(client, async () => {
    // One at a time, so that two do not both take the last place.
    await client.query('lock table alert_subscription in share row exclusive mode');
    await refuseFullOrTaken(client, wanted);
    await refuseUnknownTerritory(client, wanted.territory);
    const { rows } = await client.query<{ id: number }>(
      `insert into alert_subscription
         (channel, name, target, language, territory_code, kinds, states, created_at, created_by)
       values ($1, $2, $3, $4, $5, $6, $7, now(), $8) returning id`,
      [
        wanted.channel,
        wanted.name,
        wanted.target,
        wanted.language,
        wanted.territory,
        wanted.kinds,
        wanted.states,
        wanted.createdBy,
      ],
    );
    const { channel, name, territory, kinds, states, target, createdBy } = wanted;
    // An address may hold a token or a name: the log can't forget one, so it has the hash.
    const filter = { territory, kinds, states };
    const body = {
      channel,
      name,
      ...filter,
      target_sha256: createHash('sha256').update(target).digest('hex'),
    };
    record(client, actorNamed(createdBy), 'added', rows[0].id, body);
    return wanted.channel === 'webhook' ? insertSecret(client, rows[0].id) : null;
  });
}

function record(client: ClientBase, actor: Actor, what: string, id: number, body: AuditEntry['body']): void {
  recordAtEnd(client, { actor, kind: `subscription.${what}`, subject: `subscription:${id}`, body });
}

async function insertSecret(client: ClientBase, subscription: number): Promise<string> {
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  await client.query(
    'insert into webhook_secret (subscription_id, secret, created_at) values ($1, $2, now())',
    [subscription, secret],
  );
  return secret;
}

async function refuseFullOrTaken(client: ClientBase, { channel, name }: NewSubscription): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'select name from alert_subscription where channel = $1 and removed_at is null',
    [channel],
  );
  if (rows.some((row) => row.name === name))
    throw new RefusedError(`There is a ${channel} subscription ${name} already; remove it first.`);
  if (rows.length >= MOST_SUBSCRIPTIONS)
    throw new RefusedError(`There are ${rows.length} ${channel} subscriptions, the most there may be.`);
}

async function refuseUnknownTerritory(client: ClientBase, territory: string | null): Promise<void> {
  if (territory === null) return;
  const { rowCount } = await client.query('select from territory where code = $1', [territory]);
  if (rowCount === 0) throw new UsageError(`There is no territory ${territory} in the registry.`);
}

export async function listSubscriptions(db: Queryable, channel: Channel): Promise<SubscriptionStanding[]> {
  return db.query<SubscriptionStanding[]>(
    `select ${COLUMNS},
       (select count(*)::int from alert_delivery d where d.subscription_id = s.id and d.state = 'waiting') as waiting,
       (select count(*)::int from alert_delivery d where d.subscription_id = s.id and d.state = 'dead') as dead
     from alert_subscription s where s.channel = $1 and s.removed_at is null order by s.name`,
    [channel],
  );
}

/** Those that are owed anything. */
export async function activeSubscriptions(db: Queryable, channel: Channel): Promise<Subscription[]> {
  return db.query<Subscription[]>(
    `select ${COLUMNS} from alert_subscription s
     where s.channel = $1 and s.removed_at is null and s.gone_at is null order by s.id`,
    [channel],
  );
}

/** @throws RefusedError when there is none of that name */
export async function subscriptionId(db: Queryable, channel: Channel, name: string): Promise<number> {
  const [row] = await db.query<{ id: number }[]>(
    'select id from alert_subscription where channel = $1 and name = $2 and removed_at is null',
    [channel, name],
  );
  if (row === undefined)
    throw new RefusedError(`There is no ${channel} subscription ${name}; "list" shows those there are.`);
  return row.id;
}

/** Its history stays; what it was still owed is owed no longer. */
export async function removeSubscription(client: ClientBase, id: number, by: Actor): Promise<void> {
  await inAuditedTransaction(client, async () => {
    await client.query('update alert_subscription set removed_at = now() where id = $1', [id]);
    await client.query('delete from webhook_secret where subscription_id = $1', [id]);
    await client.query(
      `update alert_delivery set state = 'dead', ended_at = now() where subscription_id = $1 and state = 'waiting'`,
      [id],
    );
    record(client, by, 'removed', id, {});
  });
}

/**
 * Makes a secret that signs from now on and returns it: the only time that it is shown. Those before go on signing beside
 * it for `overlapSeconds`, so that the receiver can change over in its own time.
 */
export async function rotateSecret(
  client: ClientBase,
  subscription: number,
  overlapSeconds: number,
  by: Actor,
): Promise<string> {
  return inAuditedTransaction(client, async () => {
    await client.query('select from alert_subscription where id = $1 for update', [subscription]);
    await client.query('delete from webhook_secret where subscription_id = $1 and expires_at <= now()', [
      subscription,
    ]);
    const { rowCount } = await client.query(
      `update webhook_secret set expires_at = least(expires_at, now() + make_interval(secs => $2))
       where subscription_id = $1`,
      [subscription, overlapSeconds],
    );
    if (rowCount! >= MOST_SECRETS)
      throw new RefusedError(`${rowCount} secrets sign already; wait until one of them has run out.`);
    record(client, by, 'secret_rotated', subscription, { overlap_seconds: overlapSeconds });
    return insertSecret(client, subscription);
  });
}

/** Newest first. */
export async function signingSecrets(db: Queryable, subscription: number): Promise<string[]> {
  const rows = await db.query<{ secret: string }[]>(
    `select secret from webhook_secret
     where subscription_id = $1 and (expires_at is null or expires_at > now()) order by id desc`,
    [subscription],
  );
  return rows.map(({ secret }) => secret);
}

/**
 * An endpoint's address as we take it: https, or http to an address in a network of ours.
 * @throws UsageError
 */
export function endpointUrl(text: string, allowed: AllowedNetworks): URL {
  if (!URL.canParse(text))
    throw new UsageError(`${text} is no address; give one such as https://example.org/hook.`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw new UsageError('An endpoint has no user, password or # part: requests are signed instead.');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLiteralOfOurs(url, allowed))) return url;
  throw new UsageError(
    'An endpoint speaks https; http is for addresses in the networks of GRIDWARDEN_WEBHOOK_NETWORKS.',
  );
}

function isLiteralOfOurs({ hostname }: URL, allowed: AllowedNetworks): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  try {
    return isOurs(host, allowed);
  } catch {
    // A name: what it resolves to is judged at every attempt.
    return allowed.length > 0;
  }
}
