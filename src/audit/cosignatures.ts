import type { ClientBase } from 'pg';
import { RefusedError } from '../config/errors.js';
import { checkpointText, cosignedAt, parseCheckpoint, type Checkpoint } from './domain/checkpoint.js';
import { COSIGNATURE_KEY, parseVerifierKey } from './domain/signed-note.js';

/**
 * Keeps that a witness saw our tree, the newest by witness: how old its word is, is measured. Nothing rests on what is kept
 * here; what a witness saw counts by its own state file.
 *
 * @param keys verifier keys of the witnesses that are asked for.
 * @throws RefusedError no checkpoint of ours, or cosigned by none of them.
 */
export async function takeCosignature(
  client: ClientBase,
  { note, keys, now }: { readonly note: string; readonly keys: readonly string[]; readonly now: Date },
): Promise<void> {
  const checkpoint = parseCheckpoint(note);
  if (checkpoint === null || !(await isOurs(client, checkpoint)))
    throw new RefusedError('This is no checkpoint that this log has signed.');
  const found = keys.flatMap((text) => {
    const key = parseVerifierKey(text);
    const at = key?.type === COSIGNATURE_KEY ? cosignedAt(checkpoint, key) : null;
    return key === null || at === null ? [] : [{ witness: key.name, at }];
  });
  if (found.length === 0)
    throw new RefusedError('No witness that is asked for here has cosigned it (GRIDWARDEN_WITNESS_KEYS).');
  for (const { witness, at } of found)
    await client.query(
      `insert into audit_cosignature as known (witness, size, cosigned_at, note) values ($1, $2, least($3::timestamptz, $4::timestamptz), $5)
       on conflict (witness) do update set size = excluded.size, cosigned_at = excluded.cosigned_at, note = excluded.note
       where excluded.size >= known.size and excluded.cosigned_at >= known.cosigned_at`,
      [witness, checkpoint.size, at, now, checkpointText(checkpoint)],
    );
}

/** A tree that we signed, word for word: its other signatures may be anybody's. */
async function isOurs(client: ClientBase, { size, note }: Checkpoint): Promise<boolean> {
  const { rows } = await client.query<{ note: string }>('select note from audit_checkpoint where size = $1', [
    size,
  ]);
  return rows.length > 0 && parseCheckpoint(rows[0].note)?.note.text === note.text;
}
