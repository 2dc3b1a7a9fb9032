import type { UploadOptions } from '../../domain/upload-options.js';
import type { TableHead } from './header.js';
import type { Channel } from './layout.js';
import { decimalMarkOf, looksNumeric, numberFrom, type DecimalMark } from './numbers.js';
import type { Preset } from './presets.js';
import { isExport, roleOf, unitOf, type Unit } from './words.js';

/** What tells how a table writes its numbers, beside the table. */
export interface NumberSettings {
  readonly options?: UploadOptions;
  /** Decimal comma where numbers alone don't tell: files cut by semicolons come from places that write one. */
  readonly delimiter: string;
}

export interface FoundUnit {
  readonly unit: Omit<Unit, 'text'> | null;
  readonly assumed: readonly string[];
}

export function unitFor(name: string, head: TableHead, preset: Preset | null): FoundUnit | null {
  const own = unitOf(name);
  if (own !== null) return { unit: own, assumed: ofPower(own) };
  const above =
    unitOf(head.preamble.flatMap(({ cells }) => cells).join(' ')) ??
    unitOf(head.names.filter((each) => roleOf(each) === null).join(' '));
  if (above !== null) return { unit: above, assumed: ofPower(above) };
  if (preset?.unit === undefined) return null;
  return {
    unit: { whPerUnit: 1000, isPower: false },
    assumed: [`Values are in ${preset.unit}, as ${preset.title} sends them.`],
  };
}

function ofPower({ isPower, text }: Unit): string[] {
  return isPower ? [`Values in ${text} are average power: each × its interval is taken for the energy.`] : [];
}

export function unitSaid({ options }: NumberSettings): FoundUnit | null {
  const unit = options?.unit === undefined ? null : unitOf(options.unit);
  return unit === null ? null : { unit, assumed: [`Values are in ${unit.text}, as the upload says.`] };
}

/** No home takes 50 kW an hour, none is metered to a thousandth of a Wh: what lies between stays a question. */
export function unitByMagnitude(values: readonly number[], intervalMinutes: number): FoundUnit | null {
  const present = values.filter((value) => !Number.isNaN(value) && value !== 0).map(Math.abs);
  if (present.length < 10) return null;
  const perHour = 60 / Math.min(intervalMinutes, 60);
  const largest = Math.max(...present) * perHour;
  const isFractional = present.some((value) => !Number.isInteger(value));
  const text =
    isFractional && largest < (intervalMinutes === 1440 ? 1000 : 50)
      ? 'kWh'
      : !isFractional && largest > 500 && median(present) * perHour > 20
        ? 'Wh'
        : null;
  if (text === null) return null;
  return {
    unit: { whPerUnit: text === 'kWh' ? 1000 : 1, isPower: false },
    assumed: [`The file states no unit; by their size the values are taken for ${text}.`],
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Null: every number would read either way. */
export function markOf(cells: readonly string[], { delimiter }: NumberSettings): DecimalMark | null {
  const mark = decimalMarkOf(cells.filter((cell) => looksNumeric(cell)));
  if (mark === 'none') return '.';
  if (mark !== null) return mark;
  return delimiter === ',' ? null : ',';
}

export function numbersOf(cells: readonly string[]): number[] {
  const mark = decimalMarkOf(cells.filter(looksNumeric));
  return cells.map((cell) => numberFrom(cell, mark === ',' ? ',' : '.') ?? NaN);
}

export function exportOf(name: string): Channel {
  return isExport(name) ? 'export' : 'import';
}
