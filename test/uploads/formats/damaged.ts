import { expect } from '@jest/globals';
import fc from 'fast-check';
import { RefusedError } from '../../../src/config/errors.js';
import { decoded, recognised } from './found.js';

/** Changes bytes of a file anywhere: what comes of it must be items, each with its place, or a refusal in a sentence. */
export async function damaged(format: string, whole: Buffer, runs = 120): Promise<void> {
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const piece = fc.integer({ min: 20, max: 4000 });
  const length = fc.nat(whole.length);
  await fc.assert(
    fc.asyncProperty(changes, piece, fc.option(length), async (all, pieceBytes, cutAt) => {
      const bytes = Buffer.from(whole.subarray(0, cutAt ?? whole.length));
      for (const [at, value] of all) if (at < bytes.length) bytes[at] = value;
      if ((await recognised(bytes))?.format.name !== format) return;
      try {
        for (const item of await decoded(bytes, pieceBytes)) {
          if (item.kind === 'intervals') {
            expect(item.wh.length).toBeGreaterThan(0);
            expect(item.quality?.length ?? item.wh.length).toBe(item.wh.length);
          }
          if (item.kind === 'problem') {
            expect(item.place.line).toBeGreaterThan(0);
            expect(item.detail).toMatch(/\.$/);
          }
        }
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        expect(error.message).toMatch(/^Line \d+: .*\.$/s);
      }
    }),
    { numRuns: runs },
  );
}
