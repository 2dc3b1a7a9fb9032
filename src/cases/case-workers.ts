import { NotFoundException } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { actorNamed } from '../audit/append-audit.js';
import { recordAtEnd } from '../audit/audited-transaction.js';
import type { Actor } from './case-steps.js';

export interface WorkerSettings {
  readonly organisation: string;
  readonly home_territory: string | null;
  readonly queue_limit: number | null;
  readonly away: boolean;
}

/** @throws NotFoundException there is no such inspector or supervisor */
export async function saveWorker(
  client: ClientBase,
  by: Actor,
  personId: number,
  worker: WorkerSettings,
): Promise<void> {
  const { rowCount } = await client.query(
    `with worker as (
       update person set organisation = $2 where id = $1 and role in ('inspector', 'supervisor') returning id)
     insert into case_worker (person_id, home_territory, queue_limit, away) select id, $3, $4, $5 from worker
     on conflict (person_id) do update set
       home_territory = excluded.home_territory, queue_limit = excluded.queue_limit, away = excluded.away`,
    [personId, worker.organisation, worker.home_territory, worker.queue_limit, worker.away],
  );
  if (rowCount === 0) throw new NotFoundException(`There is no inspector or supervisor ${personId}.`);
  // Whom somebody acts for decides whose second look they may take.
  recordAtEnd(client, {
    actor: actorNamed(by.actor, by.organisation || null),
    kind: 'worker.changed',
    subject: `person:${personId}`,
    body: { ...worker },
  });
}
