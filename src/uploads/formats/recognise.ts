import type { Question, UploadOptions } from '../domain/upload-options.js';
import {
  EMPTY_FILE,
  type Declined,
  type Format,
  type Head,
  type Recognition,
  type Source,
} from './format.js';
import { OWN_LAYOUTS } from './own-layouts.js';
import { POINT_CODES } from './point-codes/point-codes-csv.js';
import { headOf, openSources, type Sources } from './sources.js';

/** A source and the format it is in; null: nobody recognises it. */
export interface RecognisedSource {
  readonly source: Source;
  readonly format: Format | null;
  readonly recognition: Recognition | null;
  /** Why it can't be read, in a sentence; null when it can, or when nothing is known of it. */
  readonly refusal: string | null;
  /** What its sender has to say before it can be read; null when nothing. */
  readonly question: Question | null;
}

export interface RecognisedFile extends Sources {
  readonly parts: readonly RecognisedSource[];
}

/**
 * Looks into a file, or into each member of an archive. The caller closes what it gets.
 * @throws RefusedError an archive that can't be read.
 */
export async function recogniseFile(path: string, options: UploadOptions = {}): Promise<RecognisedFile> {
  const sources = await openSources(path);
  try {
    const parts: RecognisedSource[] = [];
    for (const source of sources.all) parts.push(await recogniseSource(source, options));
    return { ...sources, parts };
  } catch (error) {
    sources.close();
    throw error;
  }
}

async function recogniseSource(source: Source, options: UploadOptions): Promise<RecognisedSource> {
  const head = await headOf(source);
  for await (const format of formatsFor(head)) {
    const found = await format.recognise(head, source, options);
    if (found === null) continue;
    if (isDeclined(found)) {
      const { declined: refusal, question = null } = found;
      return { source, format, recognition: null, refusal, question };
    }
    return { source, format, recognition: found, refusal: null, question: null };
  }
  return { source, format: null, recognition: null, refusal: whatItLooksLike(head), question: null };
}

/**
 * The formats to be asked, in order. A header that begins with our own column belongs to none that has a signature, and
 * usually to a layout of ours: the others are loaded only where it does not, a fifth of the time a command takes to start.
 */
async function* formatsFor({ bytes }: Head): AsyncGenerator<Format> {
  if (OWN_HEADER.test(bytes.toString('utf8', 0, 64))) yield* [POINT_CODES, ...OWN_LAYOUTS];
  const { FORMATS } = await import('./index.js');
  yield* FORMATS;
}

const OWN_HEADER = /^\ufeff?"?metering_point"?[,;\t]/;

function isDeclined(found: Recognition | Declined): found is Declined {
  return 'declined' in found;
}

/** Of a file that nobody recognises; null: it may be a CSV, and the loader of its kind says what is missing. */
function whatItLooksLike({ bytes, container }: Head): string | null {
  if (bytes.length === 0) return EMPTY_FILE;
  if (container === 'workbook')
    return 'The file is a spreadsheet, and none of its sheets is of a layout that is read.';
  const start = bytes.toString('latin1', 0, 4096);
  const known = SIGNATURES.find(([signature]) => start.startsWith(signature));
  if (known !== undefined) return known[1];
  const element = /^(?:\xef\xbb\xbf)?\s*<[^]*?<?([A-Za-z_][\w.:-]*)/.test(start)
    ? /<([A-Za-z_][\w.:-]*)/.exec(start)?.[1]
    : undefined;
  if (element === undefined) return null;
  return `The file is XML of an unknown kind (it begins with <${element}>); docs/formats.md lists those that are read.`;
}

const SIGNATURES: readonly [string, string][] = [
  ['Rar!', 'The file is a RAR archive: send a zip archive, or the files themselves.'],
  ['7z\xbc\xaf', 'The file is a 7z archive: send a zip archive, or the files themselves.'],
  ['%PDF', 'The file is a PDF: ask for the export as CSV or XML.'],
  ['\xd0\xcf\x11\xe0', 'The file is an old Excel workbook (.xls): save it as .xlsx or CSV.'],
];
