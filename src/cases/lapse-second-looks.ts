import type { DataSource } from 'typeorm';
import { lockCase, takeStep } from './case-steps.js';
import { inCaseTransaction, onConnection } from './case-transaction.js';
import { sealIfDue, unsealedDecision } from './seal-decisions.js';

const DAY_MS = 86_400_000;
const MOST_AT_ONCE = 200;

/**
 * Gives cases back to be dealt whose dismissal nobody has looked at again within so many days: a dismissal that only one
 * person wants takes no effect. Answers how many.
 */
export async function lapseSecondLooks(dataSource: DataSource, days: number, now: Date): Promise<number> {
  const before = new Date(now.getTime() - days * DAY_MS);
  const due = await onConnection(dataSource, async (client) => {
    const { rows } = await client.query<{ id: number }>(
      `select id from case_file where state = 'second_look' and state_at <= $1 order by id limit ${MOST_AT_ONCE}`,
      [before],
    );
    return rows.map(({ id }) => id);
  });
  let lapsed = 0;
  for (const id of due) {
    await inCaseTransaction(dataSource, async (client) => {
      const locked = await lockCase(client, id);
      const file = locked && (await sealIfDue(client, locked, now));
      if (file?.state !== 'second_look' || file.stateAt.getTime() > before.getTime()) return;
      if ((await unsealedDecision(client, id)) !== null) return;
      await takeStep(client, file, 'lapsed', {
        by: { actor: 'dealing', personId: null },
        now,
        before: { inspector: file.inspectorId },
        after: { days },
        set: { inspector_id: null, organisation: null, review_not_by: null },
      });
      lapsed++;
    });
  }
  return lapsed;
}
