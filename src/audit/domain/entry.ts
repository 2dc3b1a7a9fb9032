import { canonicalJson, canonicalString } from './canonical-json.js';
import { leafHash } from './merkle.js';

/** Who did it. */
export interface Actor {
  /** A part of this service, a program with an API key, or a human being. */
  readonly kind: 'system' | 'key' | 'person';
  /** `scoring`; the key's or the person's id, never a name: names can be erased, entries can't. */
  readonly id: string;
  /** Whom they act for: the utility's or institution's code; null where nobody in particular. */
  readonly organisation: string | null;
}

/** A part of the service itself. */
export function systemActor(id: string, organisation: string | null = null): Actor {
  return { kind: 'system', id, organisation };
}

/** From the word that records use for somebody: `person 7`, `key nightly-export`; anything else is a part of the service. */
export function actorNamed(name: string, organisation: string | null = null): Actor {
  const [, kind, id] = /^(person|key) (.+)$/.exec(name) ?? [];
  return kind === undefined
    ? systemActor(name, organisation)
    : { kind: kind as 'person' | 'key', id, organisation };
}

/** What is to be recorded. */
export interface AuditEntry {
  readonly actor: Actor;
  /** What happened: `upload.received`. */
  readonly kind: string;
  /** What it happened to: `upload:12`. */
  readonly subject: string;
  /** The facts, with times as ISO text; the moment of recording is added when the entry is appended. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** An entry as it is hashed. */
export interface RecordedEntry extends Omit<AuditEntry, 'body'> {
  readonly seq: number;
  /** When it was recorded, ISO 8601 in UTC. */
  readonly at: string;
  /** Canonical JSON. */
  readonly body: string;
}

/** Throws a TypeError for what canonical JSON has no word for. */
export function bodyText(entry: AuditEntry): string {
  return canonicalJson(entry.body);
}

/** The entry's canonical JSON: the bytes that are hashed. Given that text, the fields can be cut out in one way only. */
export function recordText({ actor, at, body, kind, seq, subject }: RecordedEntry): string {
  return (
    `{"actor":${actorText(actor)},"at":"${at}","body":${body},"kind":${canonicalString(kind)},` +
    `"seq":${seq},"subject":${canonicalString(subject)}}`
  );
}

function actorText({ id, kind, organisation }: Actor): string {
  const whose = organisation === null ? 'null' : canonicalString(organisation);
  return `{"id":${canonicalString(id)},"kind":${canonicalString(kind)},"organisation":${whose}}`;
}

export function recordHash(text: string): Buffer {
  return leafHash(text);
}

/** The text of the entry `seq` as it would be at `other`; null when it is no entry's text. */
export function renumbered(text: string, seq: number, other: number): string | null {
  const member = `,"seq":${seq},"subject":`;
  // A quote inside the subject is escaped, so the last occurrence is the member.
  const at = text.lastIndexOf(member);
  if (at < 0) return null;
  return `${text.slice(0, at)},"seq":${other},"subject":${text.slice(at + member.length)}`;
}

const MOST_MS = 8.64e15;

/** ISO 8601 of microseconds since 1970; with six digits where milliseconds do not say it all, so that no change hides. */
export function instantText(utcMicroseconds: number): string {
  const milliseconds = Math.floor(utcMicroseconds / 1000);
  // Beyond what a Date holds lies only what somebody has put there.
  if (Math.abs(milliseconds) > MOST_MS) return `${utcMicroseconds} µs`;
  const text = new Date(milliseconds).toISOString();
  const rest = utcMicroseconds - milliseconds * 1000;
  return rest === 0 ? text : `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}
