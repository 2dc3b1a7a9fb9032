import { describe, expect, it } from '@jest/globals';
import {
  bearsSignature,
  checkpointText,
  cosign,
  cosignedAt,
  parseCheckpoint,
  parseCheckpoints,
  signCheckpoint,
} from './checkpoint.js';
import {
  COSIGNATURE_KEY,
  isSignedBy,
  NOTE_KEY,
  noteText,
  parseNote,
  parseSignerKey,
  parseVerifierKey,
  signerKey,
  signNote,
} from './signed-note.js';

/** Example of golang.org/x/mod/sumdb/note, from its documentation. */
const GO = {
  signer: 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
  verifier: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  signature:
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
};

describe('signed notes', () => {
  const signer = parseSignerKey(GO.signer)!;

  it('are those of Go’s package, key and signature', () => {
    expect(signer.verifier.text).toBe(GO.verifier);
    expect(noteText(signNote(GO.text, signer))).toBe(`${GO.text}\n${GO.signature}`);
    expect(isSignedBy(parseNote(`${GO.text}\n${GO.signature}`)!, parseVerifierKey(GO.verifier)!)).toBe(true);
  });

  it('with another text are not signed', () => {
    const other = parseNote(`${GO.text.replace('think', 'thank')}\n${GO.signature}`)!;
    expect(isSignedBy(other, signer.verifier)).toBe(false);
  });

  it.each([
    ['no blank line', `${GO.text}${GO.signature}`],
    ['no newline at the end', `${GO.text}\n${GO.signature.trim()}`],
    ['a line that is no signature', `${GO.text}\nhello\n`],
    ['a signature too short', `${GO.text}\n— a AAAA\n`],
  ])('%s: none', (_, text) => expect(parseNote(text)).toBeNull());

  it.each([
    GO.verifier.replace('c74f20a3', 'c74f20a4'),
    GO.verifier.replace('PeterNeumann', 'Peter'),
    'a+b',
    '',
  ])('%j is no key', (text) => expect(parseVerifierKey(text)).toBeNull());
});

describe('checkpoints', () => {
  const log = signerKey('energo.example/log', NOTE_KEY, Buffer.alloc(32, 1));
  const witness = signerKey('tax.example/witness', COSIGNATURE_KEY, Buffer.alloc(32, 2));
  const checkpoint = signCheckpoint({ size: 12, root: Buffer.alloc(32, 7) }, log);
  const now = new Date('2026-01-02T03:04:05Z');

  it('come back as they were written', () => {
    const read = parseCheckpoint(checkpointText(checkpoint))!;
    expect(read).toMatchObject({ origin: 'energo.example/log', size: 12, root: checkpoint.root });
    expect(bearsSignature(read, log.verifier)).toBe(true);
    expect(checkpointText(checkpoint).split('\n').slice(0, 3)).toEqual([
      'energo.example/log',
      '12',
      checkpoint.root.toString('base64'),
    ]);
  });

  it('are cosigned with the time', () => {
    const cosigned = parseCheckpoint(checkpointText(cosign(checkpoint, witness, now)))!;
    expect(cosignedAt(cosigned, witness.verifier)).toEqual(now);
    expect(bearsSignature(cosigned, witness.verifier)).toBe(true);
    expect(bearsSignature(cosigned, log.verifier)).toBe(true);
    expect(cosignedAt(checkpoint, witness.verifier)).toBeNull();
  });

  it('of another log are not this log’s, though its key signed them', () => {
    const note = signNote(`other.example/log\n12\n${checkpoint.root.toString('base64')}\n`, log);
    expect(bearsSignature(parseCheckpoint(noteText(note))!, log.verifier)).toBe(false);
  });

  it('stand one after the other in a file', () => {
    const texts = [12, 13].map((size) =>
      checkpointText(signCheckpoint({ size, root: Buffer.alloc(32) }, log)),
    );
    expect(parseCheckpoints(texts.join(''))?.map(({ size }) => size)).toEqual([12, 13]);
    expect(parseCheckpoints(`${texts[0]}rubbish\n${texts[1]}`)).toBeNull();
  });

  it.each(['-1', '01', '1e3', '12345678901234567890', ''])('a size of %j is none', (size) => {
    const note = signNote(`a\n${size}\n${checkpoint.root.toString('base64')}\n`, log);
    expect(parseCheckpoint(noteText(note))).toBeNull();
  });
});
