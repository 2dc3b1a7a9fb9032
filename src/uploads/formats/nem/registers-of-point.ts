import { QUALITY } from '../../../readings/domain/quality.js';

export type NemChannel = 'import' | 'export';

const CHANNELS = ['import', 'export'] as const;
const NOTHING: readonly string[] = [];

/** One 300 record. */
export interface RegisterDay {
  /** `E1`, `B1` … */
  readonly suffix: string;
  readonly channel: NemChannel;
  /** Suffixes of this direction that the metering point's configuration lists; empty when it lists none. */
  readonly expected: readonly string[];
  /** Days since 1970 of market time. */
  readonly day: number;
  readonly intervalMinutes: number;
  readonly wh: Float64Array;
  /** Null = all actual. */
  quality: Uint8Array | null;
  /** Line of the record. */
  readonly line: number;
}

/** A metering point's energy of one day and direction: its registers added. */
export interface PointDay extends Omit<RegisterDay, 'suffix' | 'expected'> {
  readonly suffixes: readonly string[];
  /** Registers that the configuration lists and the file does not have for this day. */
  readonly lacking: readonly string[];
}

/**
 * The days of one metering point, until its last register has come: a home's controlled load (E2) is as much its
 * consumption as the general one (E1), and each register's days follow the other's in the file.
 */
export class RegistersOfPoint {
  /** How many values are held. */
  values = 0;
  /** Of each day its registers: nearly always one. */
  private readonly days = new Map<number, RegisterDay | RegisterDay[]>();

  constructor(readonly point: string) {}

  /** Whether this register has said something of this day before: then the file begins anew. */
  has({ day, suffix }: RegisterDay): boolean {
    const known = this.days.get(day);
    return known !== undefined && listed(known).some((each) => each.suffix === suffix);
  }

  add(entry: RegisterDay): void {
    const known = this.days.get(entry.day);
    this.days.set(entry.day, known === undefined ? entry : [...listed(known), entry]);
    this.values += entry.wh.length;
  }

  *sums(): Generator<PointDay> {
    for (const entries of this.days.values()) {
      if (!Array.isArray(entries)) yield sumOf([entries]);
      else
        for (const channel of CHANNELS) {
          const registers = entries.filter((entry) => entry.channel === channel);
          if (registers.length > 0) yield sumOf(registers);
        }
    }
  }
}

function listed(entries: RegisterDay | RegisterDay[]): RegisterDay[] {
  return Array.isArray(entries) ? entries : [entries];
}

function sumOf(registers: readonly RegisterDay[]): PointDay {
  const [{ channel, day, line }] = registers;
  const suffixes = registers.map(({ suffix }) => suffix);
  const { expected } = registers[registers.length - 1];
  const lacking =
    expected.length > suffixes.length ? expected.filter((suffix) => !suffixes.includes(suffix)) : NOTHING;
  const sum = registers.length === 1 ? registers[0] : added(registers);
  const { intervalMinutes, wh } = sum;
  // Part of a home's consumption passes for less consumption than it has: doubtful, and never silently so.
  const quality = lacking.length > 0 ? new Uint8Array(wh.length).fill(QUALITY.questionable) : sum.quality;
  return { channel, day, line, intervalMinutes, wh, quality, suffixes, lacking };
}

function added(registers: readonly RegisterDay[]): Pick<RegisterDay, 'intervalMinutes' | 'wh' | 'quality'> {
  const intervalMinutes = Math.max(...registers.map((register) => register.intervalMinutes));
  const [first, ...more] = registers.map((register) => coarser(register, intervalMinutes));
  const { wh } = first;
  let { quality } = first;
  for (const other of more) {
    for (let slot = 0; slot < wh.length; slot++) wh[slot] += other.wh[slot];
    if (other.quality === null) continue;
    quality ??= new Uint8Array(wh.length);
    for (let slot = 0; slot < wh.length; slot++) quality[slot] = Math.max(quality[slot], other.quality[slot]);
  }
  return { intervalMinutes, wh, quality };
}

/** The same day in longer intervals; a sum with a missing part is missing. */
function coarser(
  { wh, quality, intervalMinutes }: RegisterDay,
  wantedMinutes: number,
): { wh: Float64Array; quality: Uint8Array | null } {
  const parts = wantedMinutes / intervalMinutes;
  if (parts === 1) return { wh, quality };
  const sums = new Float64Array(wh.length / parts);
  const worst = quality === null ? null : new Uint8Array(sums.length);
  for (let slot = 0; slot < wh.length; slot++) {
    const into = Math.floor(slot / parts);
    sums[into] += wh[slot];
    if (worst !== null && quality !== null) worst[into] = Math.max(worst[into], quality[slot]);
  }
  return { wh: sums, quality: worst };
}
