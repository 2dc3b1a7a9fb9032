import {
  ForbiddenException,
  Inject,
  Injectable,
  Logger,
  NotFoundException,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { ClientBase } from 'pg';
import { DataSource } from 'typeorm';
import { personOf, tenantOf, type Caller } from '../access/caller.js';
import { inAuditedTransaction } from '../audit/audited-transaction.js';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { addLeaderJob } from '../database/leader-job.js';
import { LeaderLock } from '../database/leader-lock.js';
import { onConnection } from '../database/on-connection.js';
import type { ProposalsQuery, ProposalView } from './approvals.schemas.js';
import {
  ChangeKinds,
  DECIDERS,
  type ChangeKind,
  type PreparedChange,
  type Proposer,
} from './change-kinds.js';
import {
  expireProposals,
  findProposal,
  giveOpinion,
  listProposals,
  opinionsOn,
  propose,
  requireOther,
  withdraw,
  type Decider,
  type Opinion,
  type StoredProposal,
} from './proposals.js';

const EXPIRY_CRON = '7 * * * *';

/** Proposals as the callers of the API see and decide them; ends those nobody agreed to in time. */
@Injectable()
export class ApprovalsService implements OnApplicationBootstrap {
  readonly logger = new Logger('Approvals');

  constructor(
    readonly kinds: ChangeKinds,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DataSource) private readonly dataSource: DataSource,
    readonly leader: LeaderLock,
    readonly jobs: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    addLeaderJob(this, {
      name: 'expiring proposals',
      cronTime: EXPIRY_CRON,
      work: () => this.change((client) => expireProposals(client, new Date())),
      onFailure: 'Ending old proposals failed; the next hour repeats it.',
    });
  }

  async list(caller: Caller, { state = null, before = null, limit }: Nullable<ProposalsQuery>) {
    return this.read(async (client) => {
      const rows = await listProposals(client, { state, before, limit: limit + 1 });
      const items: ProposalView[] = [];
      for (const row of rows.slice(0, limit)) items.push(await this.view(client, caller, row));
      return { items, next_before: rows.length > limit ? rows[limit - 1].id : null };
    });
  }

  async find(caller: Caller, id: number): Promise<ProposalView> {
    return this.read((client) => this.shown(client, caller, id));
  }

  async prepare(caller: Caller, kind: ChangeKind<unknown>, asked: unknown): Promise<PreparedChange<unknown>> {
    return this.read(async (client) =>
      kind.prepare(client, asked, await proposerOf(client, caller), new Date()),
    );
  }

  async propose(
    caller: Caller,
    kind: ChangeKind<unknown>,
    asked: unknown,
    reason: string,
  ): Promise<ProposalView> {
    const now = new Date();
    return this.change(async (client) => {
      const by = await proposerOf(client, caller);
      const prepared = await kind.prepare(client, asked, by, now);
      const days = this.config.proposalDays;
      const id = await propose(client, prepared, { kind: kind.kind, by, reason, now, days });
      return this.shown(client, caller, id);
    });
  }

  async decide(caller: Caller, id: number, opinion: Opinion): Promise<ProposalView> {
    const now = new Date();
    return this.change(async (client) => {
      const person = await deciderOf(client, caller);
      await giveOpinion(client, (name) => this.kinds.get(name), id, { person, opinion, now });
      return this.shown(client, caller, id);
    });
  }

  async withdraw(caller: Caller, id: number): Promise<void> {
    await this.change(async (client) => {
      await this.shown(client, caller, id);
      await withdraw(client, id, await proposerOf(client, caller), new Date());
    });
  }

  private async shown(client: ClientBase, caller: Caller, id: number): Promise<ProposalView> {
    const proposal = await findProposal(client, id);
    if (proposal === null) throw new NotFoundException(`There is no proposal ${id}.`);
    return this.view(client, caller, proposal);
  }

  private async view(client: ClientBase, caller: Caller, proposal: StoredProposal): Promise<ProposalView> {
    const mine = proposal.proposedBy === caller.actor;
    const hidden = proposal.state === 'open' && !mine && caller.role !== 'auditor';
    return {
      id: proposal.id,
      kind: proposal.kind,
      subject: proposal.subject,
      state: proposal.state,
      summary: proposal.summary,
      change_sha256: proposal.changeSha256,
      proposed_at: proposal.proposedAt.toISOString(),
      expires_at: proposal.expiresAt.toISOString(),
      ended_at: proposal.endedAt?.toISOString() ?? null,
      needed: proposal.needed,
      mine,
      may_decide: await mayDecide(client, caller, proposal),
      first_opinion: hidden
        ? null
        : {
            by: proposal.proposedBy,
            organisation: proposal.organisation,
            reason: proposal.reason,
            // As long as it is open, who proposed it is not to hear what the first of two thinks.
            opinions:
              proposal.state === 'open' && caller.role !== 'auditor'
                ? []
                : (await opinionsOn(client, proposal.id)).map(({ personId, at, ...each }) => ({
                    ...each,
                    person: personId,
                    at: at.toISOString(),
                  })),
          },
    };
  }

  private read<T>(work: (client: ClientBase) => Promise<T>): Promise<T> {
    return onConnection(this.dataSource, work);
  }

  private change<T>(work: (client: ClientBase) => Promise<T>): Promise<T> {
    return onConnection(this.dataSource, (client) => inAuditedTransaction(client, () => work(client)));
  }
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | (undefined extends T[K] ? null : never) };

async function mayDecide(client: ClientBase, caller: Caller, proposal: StoredProposal): Promise<boolean> {
  if (proposal.state !== 'open' || !(DECIDERS as readonly string[]).includes(caller.role)) return false;
  if (personOf(caller) === null || proposal.expiresAt.getTime() <= Date.now()) return false;
  try {
    await requireOther(client, await deciderOf(client, caller), proposal, new Date());
    return true;
  } catch (error) {
    if (error instanceof ForbiddenException) return false;
    throw error;
  }
}

async function deciderOf(client: ClientBase, caller: Caller): Promise<Decider> {
  const { actor, personId, organisation } = await proposerOf(client, caller);
  if (personId === null) throw new ForbiddenException('A key decides nothing: sign in.');
  return { actor, personId, organisation };
}

async function proposerOf(client: ClientBase, caller: Caller): Promise<Proposer> {
  const personId = personOf(caller);
  const { rows } = await client.query<{ organisation: string }>(
    `select organisation from person where id = $1`,
    [personId],
  );
  const organisation = rows[0]?.organisation || caller.utility?.code || '';
  return { actor: caller.actor, personId, organisation, utilityId: tenantOf(caller) };
}
