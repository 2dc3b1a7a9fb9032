import { createHash } from 'node:crypto';
import { ConflictException, ForbiddenException, NotFoundException } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { actorNamed } from '../audit/append-audit.js';
import { recordAtEnd } from '../audit/audited-transaction.js';
import { canonicalJson } from '../audit/domain/canonical-json.js';
import type { ChangeKind, PreparedChange, Proposer } from './change-kinds.js';
import { DECIDERS } from './change-kinds.js';
import { mayBeNext, type Opinionated } from './domain/second-person.js';

const DAY_MS = 86_400_000;
/** Whoever made somebody's account, link or organisation within this time might be that somebody. */
const COOLING_DAYS = 7;

export type ProposalState = 'open' | 'applied' | 'refused' | 'withdrawn' | 'expired' | 'superseded';

export interface StoredProposal {
  readonly id: number;
  readonly kind: string;
  readonly subject: string;
  readonly change: unknown;
  readonly summary: Readonly<Record<string, unknown>>;
  readonly changeSha256: string;
  readonly reason: string;
  readonly proposedBy: string;
  readonly personId: number | null;
  readonly organisation: string;
  readonly proposedAt: Date;
  readonly expiresAt: Date;
  readonly needed: number;
  readonly state: ProposalState;
  readonly endedAt: Date | null;
  readonly agreed: number;
}

export interface Decider {
  readonly actor: string;
  readonly personId: number;
  readonly organisation: string;
}

const COLUMNS = `p.id, p.kind, p.subject, p.change, p.summary, p.change_sha256 as "changeSha256", p.reason,
  p.proposed_by as "proposedBy", p.person_id as "personId", p.organisation, p.proposed_at as "proposedAt",
  p.expires_at as "expiresAt", p.needed, p.state, p.ended_at as "endedAt",
  (select count(*)::int from proposal_opinion o where o.proposal_id = p.id and o.agrees) as agreed`;

export function changeSha256(change: unknown): string {
  return sha256(canonicalJson(JSON.parse(JSON.stringify(change)) as object));
}

/** Whether there has ever been anybody who could agree: before, a second person can't be asked for. */
export async function someoneCouldAgree(client: ClientBase): Promise<boolean> {
  const { rowCount } = await client.query(`select from person where role = any ($1) limit 1`, [DECIDERS]);
  return rowCount !== 0;
}

export interface Proposing {
  readonly kind: string;
  readonly by: Omit<Proposer, 'utilityId'>;
  readonly reason: string;
  readonly now: Date;
  readonly days: number;
  /** An open one of the same subject makes room for this one. */
  readonly supersedes?: boolean;
}

/**
 * Takes a change down for somebody else to agree to, in the caller's audited transaction; answers its id. Behind the
 * command line nobody is known, so that two people have to agree to what it proposes.
 * @throws ConflictException one of the same subject is open
 */
export async function propose(
  client: ClientBase,
  { subject, change, summary }: PreparedChange<unknown>,
  { kind, by, reason, now, days, supersedes = false }: Proposing,
): Promise<number> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended($1, 1))`, [
    `proposal ${kind} ${subject}`,
  ]);
  await endOpen(client, { kind, subject, now, supersedes });
  const digest = changeSha256(change);
  const expiresAt = new Date(now.getTime() + days * DAY_MS);
  const needed = by.personId === null && !by.actor.startsWith('key ') ? 2 : 1;
  const { rows } = await client.query<{ id: number }>(
    `insert into proposal (kind, subject, change, summary, change_sha256, reason, proposed_by, person_id, organisation,
       proposed_at, expires_at, needed, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open') returning id`,
    [
      kind,
      subject,
      JSON.stringify(change),
      JSON.stringify(summary),
      digest,
      reason,
      by.actor,
      by.personId,
      by.organisation,
      now,
      expiresAt,
      needed,
    ],
  );
  recordAtEnd(client, {
    actor: actorNamed(by.actor, by.organisation || null),
    kind: 'change.proposed',
    subject: `proposal:${rows[0].id}`,
    body: {
      kind,
      of: subject,
      change_sha256: digest,
      reason_sha256: sha256(reason),
      needed,
      expires_at: expiresAt.toISOString(),
    },
  });
  return rows[0].id;
}

async function endOpen(
  client: ClientBase,
  { kind, subject, now, supersedes }: { kind: string; subject: string; now: Date; supersedes: boolean },
): Promise<void> {
  const { rows } = await client.query<{ id: number; expiresAt: Date }>(
    `select id, expires_at as "expiresAt" from proposal where kind = $1 and subject = $2 and state = 'open' for update`,
    [kind, subject],
  );
  for (const { id, expiresAt } of rows) {
    const isOver = expiresAt.getTime() <= now.getTime();
    if (!isOver && !supersedes)
      throw new ConflictException(
        `A change of ${subject} waits for agreement already (proposal ${id}): withdraw it, or have it decided.`,
      );
    await end(client, id, isOver ? 'expired' : 'superseded', { actor: 'approvals', now });
  }
}

/** @throws NotFoundException */
export async function lockProposal(client: ClientBase, id: number): Promise<StoredProposal> {
  const { rows } = await client.query<StoredProposal>(
    `select ${COLUMNS} from proposal p where p.id = $1 for update of p`,
    [id],
  );
  if (rows.length === 0) throw new NotFoundException(`There is no proposal ${id}.`);
  // A statement of its own: what was committed while the row was waited for.
  const { rows: again } = await client.query<StoredProposal>(
    `select ${COLUMNS} from proposal p where p.id = $1`,
    [id],
  );
  return again[0];
}

export async function findProposal(client: ClientBase, id: number): Promise<StoredProposal | null> {
  const { rows } = await client.query<StoredProposal>(`select ${COLUMNS} from proposal p where p.id = $1`, [
    id,
  ]);
  return rows[0] ?? null;
}

/** Newest first. @param before ids below this one; null: from the newest. */
export async function listProposals(
  client: ClientBase,
  { state, before, limit }: { state: ProposalState | null; before: number | null; limit: number },
): Promise<StoredProposal[]> {
  const { rows } = await client.query<StoredProposal>(
    `select ${COLUMNS} from proposal p
     where ($1::text is null or p.state = $1) and ($2::int is null or p.id < $2) order by p.id desc limit $3`,
    [state, before, limit],
  );
  return rows;
}

export interface OpinionRow {
  readonly personId: number;
  readonly organisation: string;
  readonly agrees: boolean;
  readonly words: string;
  readonly at: Date;
}

export async function opinionsOn(client: ClientBase, id: number): Promise<OpinionRow[]> {
  const { rows } = await client.query<OpinionRow>(
    `select person_id as "personId", organisation, agrees, words, at from proposal_opinion
     where proposal_id = $1 order by at, person_id`,
    [id],
  );
  return rows;
}

export interface Opinion {
  readonly agrees: boolean;
  readonly words: string;
  /** Of what they were shown: an agreement is to that and nothing else. */
  readonly changeSha256: string;
}

/**
 * Takes somebody's opinion down; with the last agreement that is needed the change is made, once, in the same transaction;
 * one refusal ends it.
 * @throws ForbiddenException not theirs to decide; ConflictException it is no longer open, or another than they saw
 */
export async function giveOpinion(
  client: ClientBase,
  kindOf: (name: string) => ChangeKind<unknown>,
  id: number,
  { person, opinion, now }: { readonly person: Decider; readonly opinion: Opinion; readonly now: Date },
): Promise<ProposalState> {
  const proposal = await lockProposal(client, id);
  requireOpen(proposal, now);
  if (proposal.changeSha256 !== opinion.changeSha256)
    throw new ConflictException(`Proposal ${id} is not the one that was read: read it again.`);
  await requireOther(client, person, proposal, now);
  const { agrees, words } = opinion;
  await client.query(
    `insert into proposal_opinion (proposal_id, person_id, organisation, agrees, words, at)
     values ($1, $2, $3, $4, $5, $6)`,
    [id, person.personId, person.organisation, agrees, words, now],
  );
  const isLast = proposal.agreed + 1 >= proposal.needed;
  const applied =
    agrees && isLast
      ? await kindOf(proposal.kind).apply(client, proposal.change, {
          proposalId: id,
          reason: proposal.reason,
          now,
        })
      : null;
  recordAtEnd(client, {
    actor: actorNamed(person.actor, person.organisation || null),
    kind: agrees ? 'change.agreed' : 'change.refused',
    subject: `proposal:${id}`,
    body: {
      kind: proposal.kind,
      of: proposal.subject,
      change_sha256: proposal.changeSha256,
      words_sha256: sha256(words),
      ...(applied === null ? {} : { applied }),
    },
  });
  if (agrees && !isLast) return 'open';
  const state = agrees ? 'applied' : 'refused';
  await client.query(`update proposal set state = $2, ended_at = $3 where id = $1`, [id, state, now]);
  return state;
}

/** @throws ForbiddenException it is not theirs; ConflictException it is no longer open */
export async function withdraw(
  client: ClientBase,
  id: number,
  { actor, organisation }: Pick<Decider, 'actor' | 'organisation'>,
  now: Date,
): Promise<void> {
  const proposal = await lockProposal(client, id);
  requireOpen(proposal, now);
  if (proposal.proposedBy !== actor)
    throw new ForbiddenException('Only who proposed a change withdraws it; others refuse it.');
  await end(client, id, 'withdrawn', { actor, organisation, now });
}

/** Ends what nobody agreed to in time; answers how many. */
export async function expireProposals(client: ClientBase, now: Date): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `select id from proposal where state = 'open' and expires_at <= $1 order by id limit 500 for update skip locked`,
    [now],
  );
  for (const { id } of rows) await end(client, id, 'expired', { actor: 'approvals', now });
  return rows.length;
}

/** Whether exactly this change was agreed to: for what takes effect elsewhere than in the database. */
export async function wasAgreed(client: ClientBase, kind: string, digest: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from proposal where kind = $1 and change_sha256 = $2 and state = 'applied' limit 1`,
    [kind, digest],
  );
  return rowCount !== 0;
}

async function end(
  client: ClientBase,
  id: number,
  state: 'withdrawn' | 'expired' | 'superseded',
  { actor, organisation, now }: { actor: string; organisation?: string; now: Date },
): Promise<void> {
  await client.query(`update proposal set state = $2, ended_at = $3 where id = $1`, [id, state, now]);
  recordAtEnd(client, {
    actor: actorNamed(actor, organisation || null),
    kind: `change.${state}`,
    subject: `proposal:${id}`,
    body: {},
  });
}

function requireOpen({ id, state, expiresAt }: StoredProposal, now: Date): void {
  if (state !== 'open') throw new ConflictException(`Proposal ${id} was ${state} already.`);
  if (expiresAt.getTime() <= now.getTime())
    throw new ConflictException(`Proposal ${id} expired at ${expiresAt.toISOString()}: propose it anew.`);
}

/** @throws ForbiddenException for whoever may be the proposer in other clothes, or has a say already */
export async function requireOther(
  client: ClientBase,
  person: Decider,
  proposal: StoredProposal,
  now: Date,
): Promise<void> {
  const former: Opinionated[] = [proposal, ...(await opinionsOn(client, proposal.id))];
  if (!mayBeNext(person, former, await deciders(client)))
    throw new ForbiddenException(
      `Proposal ${proposal.id} takes somebody else: nobody agrees to their own, and another organisation decides where there is one.`,
    );
  const made = await madeBy(client, person.personId, proposal, now);
  if (made === null) return;
  throw new ForbiddenException(
    made === 'key'
      ? 'The change was proposed with a key that you made: somebody else decides.'
      : `Who proposed the change set up your account within ${COOLING_DAYS} days: somebody else decides.`,
  );
}

async function deciders(client: ClientBase): Promise<(Opinionated & { readonly personId: number })[]> {
  const { rows } = await client.query<{ personId: number; organisation: string }>(
    `select id as "personId", organisation from person where role = any ($1) and blocked_at is null`,
    [DECIDERS],
  );
  return rows;
}

/** How one of the two may be the other: by a key of their making, or an account they set up just now. */
async function madeBy(
  client: ClientBase,
  personId: number,
  { proposedBy, personId: proposerId }: StoredProposal,
  now: Date,
): Promise<'key' | 'account' | null> {
  const [, owner] = /^key (.+)$/.exec(proposedBy) ?? [];
  if (owner !== undefined) {
    const { rowCount } = await client.query(
      `select from api_key where owner = $1 and created_by = $2 limit 1`,
      [owner, `person ${personId}`],
    );
    return rowCount === 0 ? null : 'key';
  }
  if (proposerId === null) return null;
  const { rowCount } = await client.query(
    `select from audit_entry
     where subject = $1 and actor_kind = 'person' and actor_id = $2 and at > $3
       and kind in ('person.added', 'person.link_made', 'person.organisation_set', 'worker.changed') limit 1`,
    [`person:${personId}`, String(proposerId), new Date(now.getTime() - COOLING_DAYS * DAY_MS)],
  );
  return rowCount === 0 ? null : 'account';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
