import { setImmediate as breathe } from 'node:timers/promises';
import type { Client } from 'pg';
import {
  balancesUnlike,
  mergeBalances,
  type DifferingBalance,
  readBalances,
  type StoredBalances,
} from '../balance/balance-writer.js';
import { inTransaction } from '../database/transaction.js';
import type { DayNumber } from '../grid/domain/calendar.js';
import type { LegalSituation } from '../rulebook/domain/rule.js';
import {
  balanceBlock,
  slotsByTransformer,
  type BlockBalances,
  type BlockMeters,
  type BlockPoints,
} from './balance-block.js';
import { closedMonths, keepMonths } from './closed-months.js';
import { assessTogether } from './domain/assess.js';
import { Workspace } from './domain/features.js';
import type {
  DetectorInput,
  HeatingMovement,
  HiddenLoadShare,
  PointScore,
  ScoreKind,
} from './domain/types.js';
import { HeatingMovements } from './heating-samples.js';
import { householdUse } from './household-use.js';
import { readMeterEvents } from './meter-event-windows.js';
import { firstMonth, monthSpans, type MonthSpan } from './month-spans.js';
import { judgeMonths, monthUse } from './month-use.js';
import { PeerGroups } from './peer-samples.js';
import { ProfileBlock, readProfiles, type ProfileWindow } from './profile-windows.js';
import { balanceMeters, registryPoints, type RegistryPoint } from './registry-points.js';
import { addRegistersOfHouseholds, readRegisterUse, type RegisterUse } from './register-use.js';
import {
  mergeScores,
  readStored,
  unlikeStored,
  type DifferingPoint,
  type ScoredPoint,
  type ScoreWriterRun,
  type StoredDigests,
} from './score-writer.js';
import type { ScoringContext } from './scoring-context.js';
import type { Block } from './scoring-plan.js';
import { TerritorySurroundings } from './territory-surroundings.js';

/** Points scored between two turns of the event loop, so that the next block's rows keep coming in meanwhile. */
const POINTS_PER_TURN = 16;

/** Of a usual day one point in ten differs, and half a dozen statements take as long for a hundred rows as for ten. */
const WRITTEN_TOGETHER = 500;

/** What came of some blocks. */
export interface ScoringCounts {
  points: number;
  withoutReadings: number;
  transformers: number;
  rowsWritten: number;
  readonly byKind: Record<ScoreKind, number>;
}

export function noCounts(): ScoringCounts {
  return {
    points: 0,
    withoutReadings: 0,
    transformers: 0,
    rowsWritten: 0,
    byKind: { none: 0, quota_forecast: 0, quota_exceeded: 0, mining_suspected: 0, hidden_load: 0 },
  };
}

export function addCounts(sum: ScoringCounts, more: ScoringCounts): void {
  sum.points += more.points;
  sum.withoutReadings += more.withoutReadings;
  sum.transformers += more.transformers;
  sum.rowsWritten += more.rowsWritten;
  for (const kind of Object.keys(more.byKind) as ScoreKind[]) sum.byKind[kind] += more.byKind[kind];
}

/** A block as it was read. */
interface ReadBlock extends BlockPoints, BlockMeters {
  readonly points: readonly RegistryPoint[];
  readonly arrays: Arrays;
  readonly unitKwh: ReadonlyMap<number, ReadonlyMap<DayNumber, number>>;
  /** By metering point; most have none. */
  readonly registers: ReadonlyMap<number, RegisterUse>;
  /** Windows of households that own several points, by household. */
  readonly households: ReadonlyMap<string, readonly ProfileWindow[]>;
  readonly stored: StoredDigests;
  readonly storedBalances: StoredBalances;
}

/** A block's arrays, filled again and again. */
interface Arrays {
  readonly points: ProfileBlock;
  readonly meters: ProfileBlock;
}

/** What points of one territory share. */
interface Place {
  readonly temperatureC: Float32Array | null;
  readonly heating: HeatingMovement | null;
  readonly legal: LegalSituation;
}

/** Reads, scores and writes blocks, on two connections of its own: one or several of them work off a plan. */
export class BlockScorer {
  private readonly surroundings: TerritorySurroundings;
  private readonly peers: PeerGroups;
  private readonly heating: HeatingMovements;
  private readonly spans: readonly MonthSpan[];
  private readonly workspace: Workspace;
  private readonly places = new Map<string, Place>();
  private readonly counts = noCounts();
  private readonly run: ScoreWriterRun;
  /** Of the blocks since the last write. */
  private unwritten: DifferingPoint[] = [];
  private unwrittenBalances: DifferingBalance[] = [];

  constructor(
    private readonly reader: Client,
    private readonly writer: Client,
    private readonly context: ScoringContext,
  ) {
    const { firstDay, asOf } = context;
    this.surroundings = new TerritorySurroundings(context.territories, context.rulebook);
    const regionOf = (code: string) => this.surroundings.regionOf(code);
    this.peers = new PeerGroups(context.peers, regionOf);
    this.heating = new HeatingMovements(context.heating, regionOf);
    this.spans = monthSpans(firstDay, asOf, context.isWholeHistory);
    this.workspace = new Workspace(asOf - firstDay);
    this.run = { ...context, firstMonth: firstMonth({ spans: this.spans, firstDay }) };
  }

  /**
   * Works until `take` has no more. Two sets of arrays take turns: while one block is scored and written, the next is read.
   * `onBlock` is told the points of each block that is done.
   */
  async work(take: () => Block | null, onBlock: (points: number) => void): Promise<ScoringCounts> {
    // What is written is derived of readings whose marks are taken away last, by a commit that waits for the disk and so for all
    // before it: a block's need not.
    await this.writer.query('set synchronous_commit = off');
    const arrays = [this.arrays(), this.arrays()];
    let block = await this.readNext(take, arrays[0]);
    for (let turn = 1; block !== null; turn++) {
      const [, next] = await Promise.all([this.scoreAndWrite(block), this.readNext(take, arrays[turn % 2])]);
      onBlock(block.points.length);
      block = next;
    }
    await this.write();
    return this.counts;
  }

  private arrays(): Arrays {
    const { firstDay, asOf, isWholeHistory } = this.context;
    const months = closedMonths(firstDay, asOf, isWholeHistory);
    return {
      points: new ProfileBlock(0, firstDay, asOf, months),
      meters: new ProfileBlock(0, firstDay, asOf, months),
    };
  }

  private async readNext(take: () => Block | null, arrays: Arrays): Promise<ReadBlock | null> {
    const block = take();
    return block === null ? null : this.read(block, arrays);
  }

  private async read(block: Block, arrays: Arrays): Promise<ReadBlock> {
    const { reader, context, spans } = this;
    const points = await registryPoints(reader, block.ids);
    const ids = points.map(({ id }) => id);
    await readProfiles(reader, arrays.points, ids);
    const meters = await balanceMeters(reader, block.transformerIds);
    const meterIds = meters.map(({ id }) => id);
    await readProfiles(reader, arrays.meters, meterIds);
    const frame = { firstDay: context.firstDay, asOf: context.asOf, spans };
    const sharing = points.filter(({ sharedHousehold }) => sharedHousehold !== null).map(({ id }) => id);
    const days = { from: context.firstDay, to: context.asOf };
    const unitKwh = await householdUse(reader, sharing, { from: this.run.firstMonth, to: context.asOf });
    const { windows } = arrays.points;
    if (context.hasRegisters) await addRegistersOfHouseholds(reader, unitKwh, sharing, frame);
    return {
      points,
      arrays,
      windows,
      meters,
      meterWindows: arrays.meters.windows,
      events: context.hasEvents ? await readMeterEvents(reader, ids, days) : new Map(),
      registers: context.hasRegisters ? await readRegisterUse(reader, ids, windows, frame) : NO_REGISTERS,
      unitKwh,
      households: windowsByHousehold(points, windows),
      stored: context.isFirstRun ? new Map() : await readStored(reader, ids, meterIds),
      storedBalances: await readBalances(reader, meterIds),
    };
  }

  private async scoreAndWrite(block: ReadBlock): Promise<void> {
    const { counts, context } = this;
    const balances = balanceBlock(block, block);
    const scored = await this.scorePoints(block, balances);
    counts.points += scored.length;
    counts.transformers += balances.scored.length;
    for (const { score } of [...scored, ...balances.scored]) counts.byKind[score.kind]++;
    this.unwritten.push(...unlikeStored([...scored, ...balances.scored], this.run, block.stored));
    this.unwrittenBalances.push(...balancesUnlike(block.storedBalances, context.asOf, balances.balances));
    await keepMonths(this.writer, block.arrays.points.collected);
    await keepMonths(this.writer, block.arrays.meters.collected);
    if (this.unwritten.length + this.unwrittenBalances.length >= WRITTEN_TOGETHER) await this.write();
  }

  private async write(): Promise<void> {
    const { writer, run, unwritten, unwrittenBalances } = this;
    if (unwritten.length === 0 && unwrittenBalances.length === 0) return;
    this.unwritten = [];
    this.unwrittenBalances = [];
    this.counts.rowsWritten += await inTransaction(writer, async () => {
      const rows = await mergeScores(writer, run, unwritten);
      return rows + (await mergeBalances(writer, run.asOf, unwrittenBalances));
    });
  }

  /** Points under one transformer together: some things only show between neighbours. */
  private async scorePoints(block: ReadBlock, { shares }: BlockBalances): Promise<ScoredPoint[]> {
    const scored: ScoredPoint[] = [];
    let sinceTurn = 0;
    for (const slots of slotsTogether(block.points)) {
      const read = slots.filter(
        (slot) => block.windows[slot].intervalMinutes > 0 || block.registers.has(block.points[slot].id),
      );
      this.counts.withoutReadings += slots.length - read.length;
      const inputs = read.map((slot) => this.inputOf(block, slot, shares[slot] ?? null));
      const scores = assessTogether(inputs, this.context.settings, this.workspace);
      scores.forEach((score, at) => scored.push(this.scoredPoint(block, read[at], inputs[at], score)));
      sinceTurn += read.length;
      if (sinceTurn < POINTS_PER_TURN) continue;
      sinceTurn = 0;
      await breathe();
    }
    return scored;
  }

  private inputOf(block: ReadBlock, slot: number, hiddenLoad: HiddenLoadShare | null): DetectorInput {
    const point = block.points[slot];
    const window = block.windows[slot];
    const { temperatureC, heating, legal } = this.place(point.territoryCode);
    return {
      window,
      facts: point,
      surroundings: {
        temperatureC,
        heating,
        legal,
        asOf: this.context.asOf,
        peers: this.peers.of(point),
        months: monthUse(window, this.spans, {
          unitKwh: block.unitKwh.get(point.id) ?? null,
          registers: block.registers.get(point.id) ?? null,
        }),
        household: othersOf(window, point, block.households),
        events: block.events.get(point.id),
        hiddenLoad,
      },
    };
  }

  private scoredPoint(
    block: ReadBlock,
    slot: number,
    { surroundings: { months } }: DetectorInput,
    score: PointScore,
  ): ScoredPoint {
    const { id, territoryCode } = block.points[slot];
    const quotaIn = (month: DayNumber) => this.surroundings.legal(territoryCode, month).quota;
    const isAsked = score.kind !== 'none' || this.context.alerted.has(id);
    const judgements = judgeMonths(block.windows[slot], this.spans, months, { quotaIn, isAsked });
    return { meteringPointId: id, score, judgements };
  }

  private place(territoryCode: string): Place {
    let place = this.places.get(territoryCode);
    if (place === undefined) {
      place = {
        temperatureC: this.surroundings.temperatureC(territoryCode),
        heating: this.heating.of(territoryCode),
        legal: this.surroundings.legal(territoryCode, this.context.asOf - 1),
      };
      this.places.set(territoryCode, place);
    }
    return place;
  }
}

const NO_REGISTERS: ReadBlock['registers'] = new Map();

/** Slots of the points under each transformer; a point without one is by itself. */
function slotsTogether(points: readonly RegistryPoint[]): readonly (readonly number[])[] {
  const alone = points.flatMap(({ transformerId }, slot) => (transformerId === null ? [[slot]] : []));
  return [...slotsByTransformer(points).values(), ...alone];
}

function windowsByHousehold(
  points: readonly RegistryPoint[],
  windows: readonly ProfileWindow[],
): Map<string, ProfileWindow[]> {
  const households = new Map<string, ProfileWindow[]>();
  points.forEach(({ sharedHousehold }, slot) => {
    if (sharedHousehold === null || windows[slot].intervalMinutes === 0) return;
    const members = households.get(sharedHousehold);
    if (members) members.push(windows[slot]);
    else households.set(sharedHousehold, [windows[slot]]);
  });
  return households;
}

const NONE: readonly ProfileWindow[] = [];

function othersOf(
  own: ProfileWindow,
  { sharedHousehold }: RegistryPoint,
  households: ReadBlock['households'],
): readonly ProfileWindow[] {
  if (sharedHousehold === null) return NONE;
  return households.get(sharedHousehold)!.filter((window) => window !== own);
}
