import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { RefusedError } from '../../config/errors.js';

export const REGISTRY_COLUMNS = [
  'metering_point',
  'household',
  'territory',
  'transformer',
  'feeder',
  'tariff_category',
  'electric_heating',
  'contracted_kw',
  'declared_load_kw',
  'declared_purpose',
] as const;
/** Whose household it is: kept in a table of its own, so a registry without these columns leaves what is there. */
export const IDENTITY_COLUMNS = ['consumer_name', 'address'] as const;
const COLUMNS = [...REGISTRY_COLUMNS, ...IDENTITY_COLUMNS] as const;
export type RegistryColumn = (typeof COLUMNS)[number];

export interface RegistryHeader {
  readonly delimiter: string;
  /** How many cells a row has. */
  readonly width: number;
  /** Where each column stands, from 0; a column the file doesn't have is missing here. */
  readonly at: ReadonlyMap<RegistryColumn, number>;
  readonly ignoredColumns: readonly string[];
}

const REQUIRED: readonly RegistryColumn[] = ['metering_point', 'territory'];
const DELIMITERS = [';', ',', '\t'];
const EXPECTED = `a registry begins with a header such as ${REGISTRY_COLUMNS.join(',')}`;

/** Recognises the header line (without its line end). @throws RefusedError one sentence that says what is missing. */
export function parseRegistryHeader(line: Buffer): RegistryHeader {
  const text = textOf(line);
  if (text.trim() === '') throw new RefusedError(`The first line is empty: ${EXPECTED}.`);
  const known = (names: string[]) => names.filter((name) => isKnown(name)).length;
  const [best] = DELIMITERS.map((delimiter) => ({ delimiter, names: namesOf(text, delimiter) })).sort(
    (a, b) => known(b.names) - known(a.names),
  );
  const { delimiter, names } = best;
  const missing = REQUIRED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const shown = JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
    throw new RefusedError(`No column ${missing.join(' and ')} in the first line ${shown}: ${EXPECTED}.`);
  }
  const twice = names.find((name, at) => isKnown(name) && names.indexOf(name) !== at);
  if (twice !== undefined) throw new RefusedError(`The header names the column ${twice} twice.`);
  return {
    delimiter,
    width: names.length,
    at: new Map(COLUMNS.filter((name) => names.includes(name)).map((name) => [name, names.indexOf(name)])),
    ignoredColumns: names.filter((name) => !isKnown(name) && name !== '' && !name.startsWith('gridwarden_')),
  };
}

function textOf(line: Buffer): string {
  const isUtf16 = (line[0] === 0xff && line[1] === 0xfe) || (line[0] === 0xfe && line[1] === 0xff);
  if (isUtf16 || line.includes(0)) {
    throw new RefusedError('The file is not text in UTF-8 (UTF-16 or binary): save it as CSV UTF-8.');
  }
  if (!isUtf8(line))
    throw new RefusedError('The header is not UTF-8 (windows-1251?): save the file as CSV UTF-8.');
  return line.toString('utf8').replace(/^\ufeff/, '');
}

function namesOf(text: string, delimiter: string): string[] {
  try {
    const options = { delimiter, record_delimiter: '\n', relax_quotes: true, trim: true };
    const [names = []]: string[][] = parse(text, options);
    return names.map((name) => name.toLowerCase());
  } catch {
    return []; // The quotation marks don't match up for this delimiter.
  }
}

function isKnown(name: string): boolean {
  return (COLUMNS as readonly string[]).includes(name);
}
