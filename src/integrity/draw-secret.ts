import { sign, verify } from 'node:crypto';
import type { SignerKey, VerifierKey } from '../audit/domain/signed-note.js';
import { secretText } from './domain/draws.js';

/**
 * The secret of a period: the signature of the log's key over the period's name. Ed25519 signs one text in one way (RFC 8032),
 * so that whoever holds the key can tell the secret only as it is, and whoever knows its public half can check it. Nothing
 * is stored that somebody with the database could read.
 */
export function secretOf({ verifier, key }: SignerKey, period: string): Buffer {
  return sign(null, Buffer.from(secretText(verifier.name, period)), key);
}

export function isSecretOf({ name, key }: VerifierKey, period: string, secret: Buffer): boolean {
  return verify(null, Buffer.from(secretText(name, period)), key, secret);
}
