import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Fault, FaultKind, FoundEntry } from './domain/chain-check.js';
import { canonicalJson } from './domain/canonical-json.js';
import type { Actor } from './domain/entry.js';
import type { Forgotten } from './domain/forgotten.js';
import {
  RECORD_KINDS,
  RECORD_SOURCES,
  type RecordSource,
  type Row,
  type SaidEntry,
} from './record-sources.js';

const ROWS_AT_ONCE = 5_000;

interface RecordState {
  /** The entry that spoke of it last. */
  seq: number;
  /** As a digest where no later entry can add to it: there are many steps. */
  is: Row | string;
  readonly meteringPointId: number | null;
}

/** What the log says of the records that people make beside it: cases, decisions, proposals, accounts … */
export class RecordedRecords {
  private readonly bySource = new Map<RecordSource, Map<string, RecordState>>(
    RECORD_SOURCES.map((source) => [source, new Map<string, RecordState>()]),
  );

  /** An entry that has been checked. */
  take({ seq, text }: FoundEntry): void {
    // The body comes before it: what somebody wrote there is not taken for it.
    const kindAt = text.lastIndexOf(',"kind":"') + 9;
    if (!RECORD_KINDS.test(text.slice(kindAt, kindAt + 20))) return;
    const { actor, kind, subject, body } = JSON.parse(text) as {
      actor: Actor;
      kind: string;
      subject: string;
      body: Row;
    };
    const entry = { actor, kind, body, id: subject.slice(subject.indexOf(':') + 1) };
    for (const source of RECORD_SOURCES) this.takeOf(source, seq, entry);
  }

  of(source: RecordSource): Map<string, RecordState> {
    return this.bySource.get(source)!;
  }

  private takeOf(source: RecordSource, seq: number, entry: SaidEntry): void {
    const said = source.said(entry);
    if (said === null) return;
    const states = this.of(source);
    if (said.is === null) {
      states.delete(said.key);
      return;
    }
    const known = states.get(said.key);
    if (known === undefined) {
      const { is, meteringPointId = null } = said;
      states.set(said.key, { seq, is: source.isFinal ? digestOf(is) : is, meteringPointId });
      return;
    }
    known.seq = seq;
    known.is = source.isFinal ? digestOf(said.is) : { ...(known.is as Row), ...said.is };
  }
}

/**
 * Compares the records that people make with what the log says of them, and names the first that was altered, removed or put
 * in. The log itself must have been found whole.
 */
export async function verifyRecords(
  client: ClientBase,
  recorded: RecordedRecords,
  forgotten: Forgotten,
  sources: readonly RecordSource[] = RECORD_SOURCES,
): Promise<Fault | null> {
  for (const source of sources) {
    const fault = await verifySource(client, source, recorded.of(source), forgotten);
    if (fault !== null) return fault;
  }
  return null;
}

async function verifySource(
  client: ClientBase,
  source: RecordSource,
  states: ReadonlyMap<string, RecordState>,
  forgotten: Forgotten,
): Promise<Fault | null> {
  const met = new Set<string>();
  for await (const { key, ...row } of storedRows(client, source)) {
    met.add(key);
    const state = states.get(key);
    if (state === undefined) {
      if (source.allowsMore) continue;
      return faultOf(source, key, 'inserted', null);
    }
    const due = typeof state.is === 'string' ? state.is : digestOf(state.is);
    if (digestOf(source.read?.(row) ?? row) !== due) return faultOf(source, key, 'altered', state.seq);
  }
  for (const [key, { seq, meteringPointId }] of states) {
    const isErased = meteringPointId !== null && forgotten.hasPoint(meteringPointId);
    if (!met.has(key) && !isErased) return faultOf(source, key, 'missing', seq);
  }
  return null;
}

/** Through a cursor: a region's cases need no memory at once. The caller's transaction is their snapshot. */
async function* storedRows(
  client: ClientBase,
  { stored }: RecordSource,
): AsyncGenerator<Row & { readonly key: string }> {
  await client.query(
    `declare stored_records no scroll cursor for select * from (${stored}) r order by length(r.key), r.key`,
  );
  try {
    for (;;) {
      const { rows } = await client.query<Row & { key: string }>(`fetch ${ROWS_AT_ONCE} from stored_records`);
      yield* rows;
      if (rows.length < ROWS_AT_ONCE) return;
    }
  } finally {
    await client.query('close stored_records');
  }
}

function digestOf(is: Row): string {
  // What is undefined was not said.
  const plain = JSON.parse(JSON.stringify(is)) as object;
  return createHash('sha256').update(canonicalJson(plain)).digest('base64');
}

function faultOf({ name }: RecordSource, key: string, kind: FaultKind, seq: number | null): Fault {
  const at = seq ?? 0;
  const what = {
    inserted: 'was put in: no entry recorded it',
    missing: `was removed: entry ${at} recorded it`,
  }[kind as string];
  const sentence = `${name} ${key} ${what ?? `was altered: entry ${at} says something else of it`}.`;
  return { kind, first: at, last: at, sentence, record: { of: name, key } };
}
