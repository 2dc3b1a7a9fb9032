import { sign, verify } from 'node:crypto';
import type { TreeHead } from './merkle.js';
import {
  COSIGNATURE_KEY,
  isSignedBy,
  noteText,
  parseNote,
  signaturesOf,
  signNote,
  type SignedNote,
  type SignerKey,
  type VerifierKey,
} from './signed-note.js';

/** A log's tree at one size, as a signed note: origin, size, root (c2sp.org/tlog-checkpoint). */
export interface Checkpoint extends TreeHead {
  readonly origin: string;
  readonly note: SignedNote;
}

const HASH_BASE64 = /^[A-Za-z0-9+/]{43}=$/;
const SIZE = /^(0|[1-9]\d{0,15})$/;
/** A cosignature is the seconds since 1970 as eight bytes, then the signature. */
const TIME_BYTES = 8;

export function signCheckpoint({ size, root }: TreeHead, signer: SignerKey): Checkpoint {
  const origin = signer.verifier.name;
  const note = signNote(`${origin}\n${size}\n${root.toString('base64')}\n`, signer);
  return { origin, size, root, note };
}

/** Null when the text is no checkpoint. Whether its signatures are right is another question. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const note = parseNote(text);
  if (note === null) return null;
  const [origin, size, root, ...extensions] = note.text.slice(0, -1).split('\n');
  if (!origin || !SIZE.test(size ?? '') || !HASH_BASE64.test(root ?? '') || extensions.includes(''))
    return null;
  if (!Number.isSafeInteger(Number(size))) return null;
  return { origin, size: Number(size), root: Buffer.from(root, 'base64'), note };
}

/** Checkpoints one after the other, as a witness keeps them; null when something else stands between them. */
export function parseCheckpoints(text: string): Checkpoint[] | null {
  const notes = text.match(/[^\n]+\n(?:[^\n]+\n)*\n(?:— [^\n]+\n)+/g) ?? [];
  if (notes.join('').length !== text.replace(/\n+$/, '\n').length) return null;
  const checkpoints = notes.map(parseCheckpoint);
  return checkpoints.includes(null) ? null : (checkpoints as Checkpoint[]);
}

export function checkpointText({ note }: Pick<Checkpoint, 'note'>): string {
  return noteText(note);
}

/** Adds a witness's statement: this is the largest tree of this log it has seen, consistent with all before. */
export function cosign(checkpoint: Checkpoint, { verifier, key }: SignerKey, now: Date): Checkpoint {
  const seconds = Math.floor(now.getTime() / 1000);
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = Buffer.concat([time, sign(null, cosignedMessage(checkpoint.note, seconds), key)]);
  const cosignature = { name: verifier.name, keyId: verifier.id, signature };
  const { note } = checkpoint;
  return { ...checkpoint, note: { ...note, signatures: [...note.signatures, cosignature] } };
}

function cosignedMessage(note: SignedNote, seconds: number | bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${note.text}`);
}

/** When this witness cosigned the checkpoint; null when it did not, or a signature in its name is wrong. */
export function cosignedAt({ note }: Pick<Checkpoint, 'note'>, key: VerifierKey): Date | null {
  const times = signaturesOf(note, key).map(({ signature }) => {
    if (signature.length <= TIME_BYTES) return null;
    const seconds = signature.readBigUInt64BE();
    const message = cosignedMessage(note, seconds);
    return verify(null, message, key.key, signature.subarray(TIME_BYTES))
      ? new Date(Number(seconds) * 1000)
      : null;
  });
  return times.includes(null) ? null : (times[0] ?? null);
}

/** Whether the log or witness of this key has signed the checkpoint; a log signs under its own origin only. */
export function bearsSignature(checkpoint: Checkpoint, key: VerifierKey): boolean {
  if (key.type === COSIGNATURE_KEY) return cosignedAt(checkpoint, key) !== null;
  return checkpoint.origin === key.name && isSignedBy(checkpoint.note, key);
}
