#!/usr/bin/env node
/**
 * `node verify-inclusion.mjs PROOF.json [VERIFIER-KEY]`: checks, with nothing but Node.js, that an entry of an audit log is
 * in the tree that the log has signed. PROOF.json is what `gridwarden audit proof` prints.
 *
 * 1. The entry's leaf is SHA-256 over a zero byte and the entry's text (RFC 6962).
 * 2. Hashed with its neighbours on the way up, it must give the root in the checkpoint's third line.
 * 3. The checkpoint must be signed by the log's Ed25519 key, given as name+id+base64 (c2sp.org/signed-note). Without
 *    a key this step is left out: then compare the checkpoint with one that you have from somebody you trust.
 *
 * Exit code 0: the entry is in the tree; 1: it is not; 2: wrong usage.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [file, verifierKey] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: node verify-inclusion.mjs PROOF.json [VERIFIER-KEY]');
  process.exit(2);
}
const proof = JSON.parse(readFileSync(file, 'utf8'));
const split = proof.checkpoint.lastIndexOf('\n\n') + 1;
const signedText = proof.checkpoint.slice(0, split);
const [origin, size, root] = signedText.split('\n');

const failure = checkEntry() ?? checkPath() ?? checkSignature();
console.log(failure ?? `Entry ${proof.seq} is in the log ${origin} of ${size} entries:\n${proof.entry}`);
process.exit(failure === null ? 0 : 1);

function checkEntry() {
  return JSON.parse(proof.entry).seq === proof.seq ? null : 'The entry has another number than the proof.';
}

/** RFC 9162, section 2.1.3.2. */
function checkPath() {
  let position = proof.seq;
  let last = Number(size) - 1;
  let hash = sha256(Buffer.of(0), Buffer.from(proof.entry));
  if (position > last) return 'The checkpoint does not reach the entry.';
  for (const sibling of proof.hashes.map((text) => Buffer.from(text, 'base64'))) {
    if (last === 0) return 'The proof has too many hashes.';
    const isRight = position % 2 === 1 || position === last;
    hash = isRight ? sha256(Buffer.of(1), sibling, hash) : sha256(Buffer.of(1), hash, sibling);
    // At the right edge of the tree a node without a neighbour moves up as it is.
    while (isRight && position % 2 === 0 && position > 0) [position, last] = [half(position), half(last)];
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && hash.toString('base64') === root
    ? null
    : 'The entry is not in the tree of the checkpoint.';
}

function checkSignature() {
  if (verifierKey === undefined) return null;
  const [, name, id, key] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(verifierKey) ?? [];
  if (key === undefined) return 'The verifier key is not name+id+base64.';
  const der = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(key, 'base64').subarray(1),
  ]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const lines = proof.checkpoint.slice(split + 1).split('\n');
  const signatures = lines.filter((line) => line.startsWith(`— ${name} `)).map((line) => line.split(' ')[2]);
  const good = signatures
    .map((text) => Buffer.from(text, 'base64'))
    .filter((bytes) => bytes.toString('hex', 0, 4) === id)
    .some((bytes) => verify(null, Buffer.from(signedText), publicKey, bytes.subarray(4)));
  return good && origin === name ? null : 'The checkpoint is not signed by this key.';
}

function sha256(...parts) {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

function half(number) {
  return Math.floor(number / 2);
}
