import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ChangeKinds, type ChangeKind } from '../../approvals/change-kinds.js';
import { adoptWeightSet, findWeightSet, requireShadowRun } from './weight-sets.js';

const Adoption = z.strictObject({ version: z.string(), by: z.string(), reason: z.string() });
type Adoption = z.output<typeof Adoption>;

/** Puts a weight set in force: every score depends on it. Proposed on the command line, where the set was run in shadow. */
export const weightsAdoption: ChangeKind<Adoption> = {
  kind: 'weights.adoption',
  proposers: [],
  schema: Adoption,
  prepare: async (client, { version, by, reason }) => {
    const set = await findWeightSet(client, version);
    await requireShadowRun(client, set);
    const { rows } = await client.query<{ details: Record<string, unknown> }>(
      `select details from weight_set_event where version = $1 and event = 'shadow_run' order by id desc limit 1`,
      [set.version],
    );
    return {
      subject: 'weights',
      change: { version: set.version, by, reason },
      summary: { version: set.version, shadow: rows[0].details },
    };
  },
  apply: async (client, adoption, { now }) => {
    await adoptWeightSet(client, { ...adoption, now });
    return { version: adoption.version };
  },
};

/** Makes the kind of change known. */
@Injectable()
export class WeightsChanges {
  constructor(kinds: ChangeKinds) {
    kinds.add(weightsAdoption);
  }
}
