import { crc32 } from 'node:zlib';
import type { RegistryRow } from '../../grid/domain/registry-row.js';
import { suggestRegion, type Territory } from '../../grid/domain/territories.js';
import type { Zone } from '../../grid/domain/time-zone.js';
import type { RejectReason } from '../domain/rejected-row.js';
import { IDENTITY_COLUMNS, type RegistryColumn, type RegistryHeader } from './registry-header.js';
import { territoryReader } from './territory-reader.js';

/** What became of a record; `repeated`: an earlier line says the same, nothing is lost by passing over it. */
export type TakenRow = { readonly row: RegistryRow } | { readonly repeated: true } | RowFault;

interface RowFault {
  readonly field: string;
  readonly reason: RejectReason;
  readonly detail: string;
}

/** A value of a row can't be used; carried as an exception within this file only. */
class BadValue extends Error {
  constructor(
    readonly field: string,
    readonly reason: RejectReason,
    message: string,
  ) {
    super(message);
  }
}

const MAX_ID_LENGTH = 100;
const MAX_TEXT_LENGTH = 500;
/** More than any transformer station of a town; a household is connected with 15 kW as a rule. */
const MAX_KW = 100_000;

const BOOLEANS = new Map([
  ['yes', true],
  ['true', true],
  ['1', true],
  ['да', true],
  ['no', false],
  ['false', false],
  ['0', false],
  ['нет', false],
]);

/** Turns cells into registry rows, and knows what earlier rows of the file said. */
export class RegistryRows {
  private readonly territoryOf: (code: string) => Territory | null;
  /** Line and content of each metering point so far, see {@link packed}. */
  private readonly seen = new Map<string, number>();
  private readonly feeders = new Map<string, { readonly feeder: string; readonly line: number }>();

  constructor(
    private readonly header: RegistryHeader,
    private readonly zone: Zone | null,
  ) {
    this.territoryOf = territoryReader(zone);
  }

  /** Judges one record; a feeder on a row without a transformer is passed over, since feeders feed transformers. */
  take(line: number, cells: readonly string[]): TakenRow {
    try {
      const row = this.read(line, cells);
      this.checkFeeder(row);
      return this.isRepeated(row) ? { repeated: true } : { row };
    } catch (error) {
      if (error instanceof BadValue)
        return { field: error.field, reason: error.reason, detail: error.message };
      throw error;
    }
  }

  private read(line: number, cells: readonly string[]): RegistryRow {
    const { width, at } = this.header;
    // Spreadsheets end rows with spare delimiters.
    if (cells.length < width || cells.slice(width).some((cell) => cell.trim() !== '')) {
      throw new BadValue('', 'wrong_columns', `The row has ${cells.length} columns, the header ${width}.`);
    }
    const cell = (column: RegistryColumn): string | null => {
      const index = at.get(column);
      const text = index === undefined ? '' : cells[index].trim();
      return text === '' ? null : text;
    };
    const transformer = readId('transformer', cell('transformer'));
    const feeder = readId('feeder', cell('feeder'));
    return {
      line,
      meteringPoint: required('metering_point', readId('metering_point', cell('metering_point'))),
      household: readId('household', cell('household')),
      territory: this.readTerritory(required('territory', cell('territory'))),
      transformer,
      feeder: transformer === null ? null : feeder,
      tariffCategory: readText('tariff_category', cell('tariff_category')),
      electricHeating: readBoolean('electric_heating', cell('electric_heating')),
      contractedKw: readKw('contracted_kw', cell('contracted_kw')),
      declaredLoadKw: readKw('declared_load_kw', cell('declared_load_kw')),
      declaredPurpose: readText('declared_purpose', cell('declared_purpose')),
      ...(IDENTITY_COLUMNS.some((column) => at.has(column)) && {
        identity: {
          consumerName: readLine('consumer_name', cell('consumer_name')),
          address: readLine('address', cell('address')),
        },
      }),
    };
  }

  private readTerritory(text: string): Territory {
    const territory = this.territoryOf(text);
    if (territory !== null) return territory;
    const meant = suggestRegion(text);
    const hint = meant ? ` Do you mean ${meant.code} (${meant.nameEn}; OKTMO ${meant.oktmoPrefix}…)?` : '';
    const abroad = this.zone === null ? ' For a place abroad state the zone of the upload.' : '';
    throw new BadValue(
      'territory',
      'unknown_territory',
      `${shown(text)} is neither an OKTMO nor an ISO 3166-2 code of Russia.${hint || abroad}`,
    );
  }

  /** @throws BadValue an earlier row says something else of the same metering point. */
  private isRepeated(row: RegistryRow): boolean {
    const before = this.seen.get(row.meteringPoint);
    const now = packed(row);
    if (before === undefined) {
      this.seen.set(row.meteringPoint, now);
      return false;
    }
    if (before % CONTENTS === now % CONTENTS) return true;
    throw new BadValue(
      'metering_point',
      'duplicate_id',
      `Line ${Math.floor(before / CONTENTS)} states ${shown(row.meteringPoint)} otherwise; that line was taken.`,
    );
  }

  /** @throws BadValue an earlier row hangs the transformer on another feeder. */
  private checkFeeder({ line, transformer, feeder }: RegistryRow): void {
    if (transformer === null || feeder === null) return;
    const before = this.feeders.get(transformer);
    if (before === undefined) this.feeders.set(transformer, { feeder, line });
    else if (before.feeder !== feeder) {
      throw new BadValue(
        'feeder',
        'bad_value',
        `Line ${before.line} puts transformer ${shown(transformer)} on feeder ${shown(before.feeder)}.`,
      );
    }
  }
}

/** 2^22 contents beside line numbers up to 2^31 fill the 53 bits of a number: a million ids cost no objects. */
const CONTENTS = 2 ** 22;

/** The row's line, and 22 bits of a checksum of what it says. */
function packed(row: RegistryRow): number {
  const stated = [
    row.household,
    row.territory.code,
    row.transformer,
    row.feeder,
    row.tariffCategory,
    row.electricHeating,
    row.contractedKw,
    row.declaredLoadKw,
    row.declaredPurpose,
    row.identity?.consumerName,
    row.identity?.address,
  ];
  return row.line * CONTENTS + (crc32(stated.join('\n')) % CONTENTS);
}

function required(field: RegistryColumn, text: string | null): string {
  if (text === null) throw new BadValue(field, 'missing_value', `The row states no ${field}.`);
  return text;
}

/** Excel guards ids with `="00123"`, and ruins unguarded ones: 1.23E+17 has lost its last digits for good. */
function readId(field: RegistryColumn, text: string | null): string | null {
  if (text === null) return null;
  const id = /^="(.*)"$/.exec(text)?.[1].trim() ?? text;
  if (id === '') return null;
  if (/^\d([.,]\d+)?E\+\d{2,}$/i.test(id)) {
    throw new BadValue(
      field,
      'excel_id',
      `A spreadsheet has rounded this id to ${id}: format the column as text and export it again.`,
    );
  }
  if (
    id.length > MAX_ID_LENGTH ||
    /[\p{Cc}\ufffd]/u.test(id) ||
    /^#(N\/A|REF!|NAME\?|VALUE!|Н\/Д|ССЫЛКА!|ИМЯ\?|ЗНАЧ!)$/.test(id)
  ) {
    throw new BadValue(
      field,
      'bad_id',
      `${shown(id)} is not an id: up to ${MAX_ID_LENGTH} printable characters.`,
    );
  }
  return id;
}

function readText(field: RegistryColumn, text: string | null): string | null {
  if (text !== null && text.length > MAX_TEXT_LENGTH) {
    throw new BadValue(field, 'bad_value', `The text has more than ${MAX_TEXT_LENGTH} characters.`);
  }
  return text;
}

/** As {@link readText}, of what people are shown in one line. The fault does not repeat it: rejected rows are no place for it. */
function readLine(field: RegistryColumn, text: string | null): string | null {
  if (text !== null && /\p{Cc}/u.test(text))
    throw new BadValue(field, 'bad_value', 'The text holds a control character, perhaps a line break.');
  return readText(field, text);
}

function readBoolean(field: RegistryColumn, text: string | null): boolean | null {
  if (text === null) return null;
  const value = BOOLEANS.get(text.toLowerCase());
  if (value === undefined) {
    throw new BadValue(
      field,
      'bad_value',
      `${shown(text)} is not yes or no (yes, no, true, false, 1, 0, да, нет).`,
    );
  }
  return value;
}

/** Decimal point or comma; spaces (also the unbreakable ones) between thousands. */
function readKw(field: RegistryColumn, text: string | null): number | null {
  if (text === null) return null;
  const plain = text.replace(/(?<=\d)[ \u00a0\u202f](?=\d{3}(\D|$))/g, '').replace('\u2212', '-');
  if (!/^[+-]?\d+([.,]\d+)?$/.test(plain))
    throw new BadValue(field, 'bad_number', `${shown(text)} is not a number.`);
  const kw = Number(plain.replace(',', '.'));
  if (kw < 0) throw new BadValue(field, 'negative', `${shown(text)} kW is negative.`);
  if (kw > MAX_KW) throw new BadValue(field, 'out_of_range', `${shown(text)} kW is more than ${MAX_KW}.`);
  return kw;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
