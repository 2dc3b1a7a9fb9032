import type { ClientBase } from 'pg';
import type { DayNumber } from '../grid/domain/calendar.js';
import type { RegisterMonth } from '../readings/domain/register-use.js';
import { registerMonths } from '../readings/register.repository.js';
import type { Ids } from './ids.js';
import { firstMonth, type MonthSpan } from './month-spans.js';
import { meteredIn } from './month-use.js';
import { ProfileBlock, readProfiles, type ProfileWindow } from './profile-windows.js';

/** What registers say of a point's months, by their first day. */
export type RegisterUse = ReadonlyMap<DayNumber, RegisterMonth>;

/** What is looked at: the window's days, and the months that are judged. */
interface Frame {
  readonly firstDay: DayNumber;
  readonly asOf: DayNumber;
  readonly spans: readonly MonthSpan[];
}

/** By metering point; `windows[i]` are the intervals of `ids[i]`, which count before registers do. */
export async function readRegisterUse(
  client: ClientBase,
  ids: Ids,
  windows: readonly ProfileWindow[],
  { firstDay, asOf, spans }: Frame,
): Promise<Map<number, RegisterUse>> {
  const slots = new Map(Array.from(ids, (id, slot) => [id, slot]));
  const days = { from: firstMonth({ spans, firstDay }), to: asOf };
  const months = await registerMonths(client, Array.from(ids), days, (id) => windows[slots.get(id)!]);
  return new Map(
    [...months].map(([id, ofPoint]) => [id, new Map(ofPoint.map((month) => [month.month, month]))]),
  );
}

/**
 * Corrects the sums of households by what the registers of their points say: `unitKwh` holds sums of intervals, and registers
 * fill in where a member has none. Members need not be in the block that is scored.
 */
export async function addRegistersOfHouseholds(
  client: ClientBase,
  unitKwh: ReadonlyMap<number, Map<DayNumber, number>>,
  ids: readonly number[],
  frame: Frame,
): Promise<void> {
  const pairs = await membersWithRegisters(client, ids);
  if (pairs.length === 0) return;
  const members = [...new Set(pairs.map(({ member }) => member))].sort((a, b) => a - b);
  const block = new ProfileBlock(members.length, frame.firstDay, frame.asOf);
  await readProfiles(client, block, members);
  const registers = await readRegisterUse(client, members, block.windows, frame);
  for (const { id, member } of pairs) {
    const months = unitKwh.get(id);
    const ofMember = registers.get(member);
    if (!months || !ofMember) continue;
    const window = block.windows[members.indexOf(member)];
    for (const span of frame.spans) {
      const register = ofMember.get(span.month);
      if (!register) continue;
      const more = register.kwh - meteredIn(window, span);
      months.set(span.month, (months.get(span.month) ?? 0) + more);
    }
  }
}

async function membersWithRegisters(
  client: ClientBase,
  ids: readonly number[],
): Promise<{ id: number; member: number }[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<{ id: number; member: number }>(
    `select p.id, o.id as member
     from metering_point p
     join metering_point o on o.utility_id = p.utility_id and o.household = p.household and o.kind = 'household'
     where p.id = any ($1)`,
    [ids],
  );
  const { rows: read } = await client.query<{ id: number }>(
    'select distinct metering_point_id as id from register_reading where metering_point_id = any ($1)',
    [[...new Set(rows.map(({ member }) => member))]],
  );
  const withRegisters = new Set(read.map(({ id }) => id));
  return rows.filter(({ member }) => withRegisters.has(member));
}
