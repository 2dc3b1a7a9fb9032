/** Wh of one unit; of a power, in one hour. */
const WH_OF_UNIT = { kWh: 1000, Wh: 1, MWh: 1_000_000, kW: 1000, W: 1, MW: 1_000_000 } as const;
export const UNITS = Object.keys(WH_OF_UNIT) as [Unit, ...Unit[]];
export type Unit = keyof typeof WH_OF_UNIT;

export type IntervalEnd = 'start' | 'end';
export const CT_STATES = ['applied', 'not-applied', 'twice'] as const;

/** How a file's values and times are to be read where the file itself does not say; what is not given is as usual. */
export interface UploadOptions {
  readonly unit?: Unit;
  /** Which end of its interval a time names. */
  readonly label?: IntervalEnd;
  /** Whether the transformer ratio is in the values already. */
  readonly ct?: (typeof CT_STATES)[number];
  readonly ct_ratio?: number;
  /** The metering point of all values, where the file names none. */
  readonly point?: string;
}

/** What is asked of a sender whose file is held. `about`: the option that answers it. */
export interface Question {
  readonly about: 'unit' | 'label' | 'ct';
  /** One sentence. */
  readonly text: string;
}

/** What a value of the file is multiplied by to be the interval's energy in Wh. */
export function whPerValue(options: UploadOptions, intervalMinutes: number): number {
  const { unit = 'kWh', ct, ct_ratio: ratio = 1 } = options;
  const ofUnit = WH_OF_UNIT[unit] * (unit.endsWith('h') ? 1 : intervalMinutes / 60);
  return ct === 'not-applied' ? ofUnit * ratio : ct === 'twice' ? ofUnit / ratio : ofUnit;
}

/** Whether two uploads of the same bytes are read alike. Keys in one order, as they are compared as text. */
export function canonicalOptions(options: UploadOptions): UploadOptions {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** What is wrong with options together, null when nothing is. */
export function optionsFault({ ct, ct_ratio: ratio }: UploadOptions): string | null {
  const needs = ct === 'not-applied' || ct === 'twice';
  if (needs && ratio === undefined) return `ct ${ct} needs ct_ratio beside it.`;
  if (!needs && ratio !== undefined) return 'ct_ratio goes with ct not-applied or twice only.';
  return null;
}
