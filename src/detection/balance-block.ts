import type { StruckBalance } from '../balance/balance-writer.js';
import { balanceTransformer } from '../balance/domain/balance.js';
import type { TamperEvent } from '../balance/domain/types.js';
import { BalanceWorkspace } from '../balance/domain/workspace.js';
import { TAMPER_KINDS, type MeterEventKind } from '../readings/domain/meter-events.js';
import { hiddenLoadShares, transformerScore } from './domain/transformer-score.js';
import type { HiddenLoadShare, MeterEvent } from './domain/types.js';
import type { ProfileWindow } from './profile-windows.js';
import type { BalanceMeter, RegistryPoint } from './registry-points.js';
import type { ScoredPoint } from './score-writer.js';

/** Metering points of a block with their windows; a slot is a place in these arrays. */
export interface BlockPoints {
  readonly points: readonly RegistryPoint[];
  readonly windows: readonly ProfileWindow[];
  readonly events: ReadonlyMap<number, readonly MeterEvent[]>;
}

/** Transformers all of whose points are in the block. */
export interface BlockMeters {
  readonly meters: readonly BalanceMeter[];
  readonly meterWindows: readonly ProfileWindow[];
}

export interface BlockBalances {
  readonly balances: readonly StruckBalance[];
  /** Scores of the balance meters. */
  readonly scored: readonly ScoredPoint[];
  /** What the balances say of single points, by slot; undefined or null = nothing. */
  readonly shares: readonly (HiddenLoadShare | null | undefined)[];
}

let workspace = new BalanceWorkspace(0);

/** Strikes the balance of every transformer of a block whose balance meter has readings. */
export function balanceBlock(block: BlockPoints, { meters, meterWindows }: BlockMeters): BlockBalances {
  const slots = slotsByTransformer(block.points);
  const balances: StruckBalance[] = [];
  const scored: ScoredPoint[] = [];
  const shares: (HiddenLoadShare | null | undefined)[] = [];
  meters.forEach((meter, at) => {
    const inflow = meterWindows[at];
    if (inflow.intervalMinutes === 0) return;
    if (workspace.days !== inflow.days) workspace = new BalanceWorkspace(inflow.days);
    const under = slots.get(meter.transformerId) ?? [];
    const load = {
      firstDay: inflow.firstDay,
      days: inflow.days,
      inflowKw: inflow.hourlyKw,
      points: under.map((slot) => ({
        hourlyKw: block.windows[slot].hourlyKw,
        hoursRead: hoursRead(block.windows[slot]),
        declaredKw: block.points[slot].declaredLoadKw,
        tamper: tamperOf(block.events.get(block.points[slot].id)),
      })),
    };
    const balance = balanceTransformer(load, workspace);
    balances.push({
      meteringPointId: meter.id,
      pointIds: under.map((slot) => block.points[slot].id),
      balance,
    });
    const names = under.map((slot) => block.points[slot].meteringPoint);
    scored.push({ meteringPointId: meter.id, score: transformerScore(balance, names), judgements: [] });
    hiddenLoadShares(balance, meter.code).forEach((share, index) => (shares[under[index]] = share));
  });
  return { balances, scored, shares };
}

/** Slots of the points under each transformer, in their order. */
export function slotsByTransformer(points: readonly RegistryPoint[]): Map<number, number[]> {
  const slots = new Map<number, number[]>();
  points.forEach(({ transformerId }, slot) => {
    if (transformerId === null) return;
    const under = slots.get(transformerId);
    if (under) under.push(slot);
    else slots.set(transformerId, [slot]);
  });
  return slots;
}

function hoursRead({ hoursPresent, days }: ProfileWindow): number {
  let hours = 0;
  for (let day = 0; day < days; day++) hours += hoursPresent[day];
  return hours;
}

function tamperOf(events: readonly MeterEvent[] | undefined): readonly TamperEvent[] | undefined {
  return events?.filter(({ kind }) => TAMPER_KINDS.has(kind as MeterEventKind));
}
