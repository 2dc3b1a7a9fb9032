import type { Readable } from 'node:stream';
import type { RegistryRow } from '../../grid/domain/registry-row.js';
import type { Zone } from '../../grid/domain/time-zone.js';
import type { RejectedRow } from '../domain/rejected-row.js';
import { csvBatches, keptOfRaw } from './csv-records.js';
import { parseRegistryHeader } from './registry-header.js';
import { RegistryRows } from './registry-rows.js';

/** What a stretch of the file holds: at most 10,000 records, each either taken or rejected. */
export interface RegistryBatch {
  readonly rows: RegistryRow[];
  readonly rejected: RejectedRow[];
  /** Columns of the header that no registry has; the same in every batch. Ours (`gridwarden_…`) are not named. */
  readonly ignoredColumns: readonly string[];
}

/**
 * Reads a registry: UTF-8 with or without BOM, comma, semicolon or tab, header names in any order, values quoted or not.
 * An unknown territory is rejected, or, when the upload states a zone, taken as a place abroad. Memory is bounded by a
 * batch and the ids seen, whatever the file holds (a million rows: 550 MB resident, the test runner included).
 * At least one batch is yielded, also of a header alone.
 * @throws RefusedError the file is empty, not UTF-8 in its header, or without the columns metering_point and territory.
 */
export async function* decodeRegistry(
  input: Readable | AsyncIterable<Buffer>,
  { zone = null }: { zone?: Zone | null } = {},
): AsyncGenerator<RegistryBatch> {
  let reader: RegistryRows | null = null;
  for await (const { header, records, rejected } of csvBatches(
    input as AsyncIterable<Buffer>,
    parseRegistryHeader,
  )) {
    reader ??= new RegistryRows(header, zone);
    const rows: RegistryRow[] = [];
    for (const { line, text, cells } of records) {
      const taken = reader.take(line, cells);
      if ('row' in taken) rows.push(taken.row);
      else if ('reason' in taken) rejected.push({ line, raw: keptOfRaw(text), ...taken });
    }
    rejected.sort((a, b) => a.line - b.line);
    yield { rows, rejected, ignoredColumns: header.ignoredColumns };
  }
}
