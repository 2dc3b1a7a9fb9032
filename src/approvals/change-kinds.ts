import { Injectable, NotFoundException } from '@nestjs/common';
import type { ClientBase } from 'pg';
import type { z } from 'zod';
import type { Role } from '../rights/domain/roles.js';

/** Roles that may agree to a change, or refuse it. */
export const DECIDERS = ['supervisor', 'operator'] as const satisfies readonly Role[];

export interface PreparedChange<Change> {
  /** What it changes: `metering_point:17`. While a change of one thing is open there can be no other of its kind. */
  readonly subject: string;
  /** Whole enough to be applied, also in a fortnight, and to be found stale then. */
  readonly change: Change;
  /** What whoever decides is shown: what is, what would be, what it would lead to. */
  readonly summary: Readonly<Record<string, unknown>>;
}

export interface Proposer {
  /** As records name them. */
  readonly actor: string;
  readonly personId: number | null;
  readonly organisation: string;
  /** The only utility whose objects they may touch; null: those of all. */
  readonly utilityId: number | null;
}

export interface Application {
  /** 0: made alone, since there was nobody to agree. */
  readonly proposalId: number;
  /** Why it was proposed. */
  readonly reason: string;
  readonly now: Date;
}

/** A kind of change that takes effect only when a second person agrees. */
export interface ChangeKind<Asked, Change = Asked> {
  readonly kind: string;
  /** Roles that may propose it over HTTP; none: only a command or an upload does. */
  readonly proposers: readonly Role[];
  readonly schema: z.ZodType<Asked>;
  /** Looks at what is asked, without changing anything. @throws NotFoundException, RefusedError */
  readonly prepare: (
    client: ClientBase,
    asked: Asked,
    proposer: Proposer,
    now: Date,
  ) => Promise<PreparedChange<Change>>;
  /**
   * Makes the change, in the transaction of the agreement; answers what the audit log says of it.
   * @throws RefusedError what is there is no longer what it was proposed for
   */
  readonly apply: (
    client: ClientBase,
    change: Change,
    application: Application,
  ) => Promise<Readonly<Record<string, unknown>>>;
}

/** The kinds that there are: each module adds its own when it starts, since this one knows of none. */
@Injectable()
export class ChangeKinds {
  private readonly kinds = new Map<string, ChangeKind<unknown>>();

  /** What a kind is given to apply is what it prepared itself. */
  add<Asked, Change>(kind: ChangeKind<Asked, Change>): this {
    this.kinds.set(kind.kind, kind as unknown as ChangeKind<unknown>);
    return this;
  }

  names(): string[] {
    return [...this.kinds.keys()].sort();
  }

  /** @throws NotFoundException */
  get(name: string): ChangeKind<unknown> {
    const kind = this.kinds.get(name);
    if (kind === undefined)
      throw new NotFoundException(
        `There is no kind of change ${name}; there are ${this.names().join(', ')}.`,
      );
    return kind;
  }
}
