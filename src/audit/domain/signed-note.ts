import { createPrivateKey, createPublicKey, hash as digest, sign, verify, type KeyObject } from 'node:crypto';

/**
 * Signed notes, c2sp.org/signed-note: a text that ends in a newline, a blank line, and lines `— name base64(key id ‖
 * signature)`. Keys are Ed25519; the type byte says what the signature is over.
 */

/** 0x01 signs the text itself; 0x04 is a witness's cosignature with its time (c2sp.org/tlog-cosignature). */
export const NOTE_KEY = 0x01;
export const COSIGNATURE_KEY = 0x04;
type KeyType = typeof NOTE_KEY | typeof COSIGNATURE_KEY;

export interface VerifierKey {
  readonly name: string;
  readonly type: KeyType;
  /** Four bytes as hexadecimal digits. */
  readonly id: string;
  readonly key: KeyObject;
  /** `name+id+base64(type ‖ public key)`: how it is handed to others. */
  readonly text: string;
}

export interface SignerKey {
  readonly verifier: VerifierKey;
  readonly key: KeyObject;
  /** `PRIVATE+KEY+name+id+base64(type ‖ seed)`, as Go's sumdb/note writes it. Secret. */
  readonly text: string;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Buffer;
}

export interface SignedNote {
  /** With its final newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const SEED_BYTES = 32;
/** What stands before the 32 bytes in PKCS #8 and SubjectPublicKeyInfo (RFC 8410). */
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex');
const SIGNER_PREFIX = 'PRIVATE+KEY+';
const NAME = /^[^\s+\p{Cc}]+$/u;
const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/;

/** @param seed 32 random bytes, the secret. */
export function signerKey(name: string, type: KeyType, seed: Buffer): SignerKey {
  if (seed.length !== SEED_BYTES) throw new RangeError(`an Ed25519 seed has ${SEED_BYTES} bytes`);
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const verifier = verifierKey(name, type, spki.subarray(PUBLIC_DER.length));
  const text = `${SIGNER_PREFIX}${name}+${verifier.id}+${Buffer.concat([Buffer.of(type), seed]).toString('base64')}`;
  return { verifier, key, text };
}

function verifierKey(name: string, type: KeyType, publicKey: Buffer): VerifierKey {
  if (!NAME.test(name))
    throw new RangeError(`${JSON.stringify(name)} is no name of a key: no spaces, no plus`);
  const typed = Buffer.concat([Buffer.of(type), publicKey]);
  const id = digest('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer').toString(
    'hex',
    0,
    4,
  );
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_DER, publicKey]), format: 'der', type: 'spki' });
  return { name, type, id, key, text: `${name}+${id}+${typed.toString('base64')}` };
}

/** Null when the text is no Ed25519 verifier key, or its id does not belong to it. */
export function parseVerifierKey(text: string): VerifierKey | null {
  const parts = keyParts(text);
  if (parts === null) return null;
  const key = verifierKey(parts.name, parts.type, parts.bytes);
  return key.id === parts.id ? key : null;
}

/** Null when the text is no Ed25519 signer key, or its id does not belong to it. */
export function parseSignerKey(text: string): SignerKey | null {
  const parts = text.startsWith(SIGNER_PREFIX) ? keyParts(text.slice(SIGNER_PREFIX.length)) : null;
  if (parts === null) return null;
  const key = signerKey(parts.name, parts.type, parts.bytes);
  return key.verifier.id === parts.id ? key : null;
}

function keyParts(text: string): { name: string; id: string; type: KeyType; bytes: Buffer } | null {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text);
  if (match === null) return null;
  const [type, ...bytes] = Buffer.from(match[3], 'base64');
  if ((type !== NOTE_KEY && type !== COSIGNATURE_KEY) || bytes.length !== SEED_BYTES) return null;
  return { name: match[1], id: match[2], type, bytes: Buffer.from(bytes) };
}

/** Null when the text has not the form of a signed note. */
export function parseNote(text: string): SignedNote | null {
  const end = text.lastIndexOf('\n\n');
  if (end < 0 || !text.endsWith('\n')) return null;
  const signatures = text
    .slice(end + 2, -1)
    .split('\n')
    .map(parseSignature);
  if (signatures.includes(null)) return null;
  return { text: text.slice(0, end + 1), signatures: signatures as NoteSignature[] };
}

function parseSignature(line: string): NoteSignature | null {
  const match = SIGNATURE_LINE.exec(line);
  if (match === null) return null;
  const bytes = Buffer.from(match[2], 'base64');
  if (bytes.length <= 4) return null;
  return { name: match[1], keyId: bytes.toString('hex', 0, 4), signature: bytes.subarray(4) };
}

export function noteText({ text, signatures }: SignedNote): string {
  const lines = signatures.map(({ name, keyId, signature }) => {
    const bytes = Buffer.concat([Buffer.from(keyId, 'hex'), signature]);
    return `— ${name} ${bytes.toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/** Signs the text itself, with a key of type {@link NOTE_KEY}. */
export function signNote(text: string, { verifier, key }: SignerKey): SignedNote {
  const signature = sign(null, Buffer.from(text), key);
  return { text, signatures: [{ name: verifier.name, keyId: verifier.id, signature }] };
}

/** The signatures that claim to be this key's; the caller says over which message. */
export function signaturesOf(note: SignedNote, { name, id }: VerifierKey): NoteSignature[] {
  return note.signatures.filter((one) => one.name === name && one.keyId === id);
}

/** Whether the note carries a signature by this key of type {@link NOTE_KEY}, and none by it that is wrong. */
export function isSignedBy(note: SignedNote, key: VerifierKey): boolean {
  const signatures = signaturesOf(note, key);
  const message = Buffer.from(note.text);
  return signatures.length > 0 && signatures.every((one) => verify(null, message, key.key, one.signature));
}
