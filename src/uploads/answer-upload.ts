import type { EntityManager } from 'typeorm';
import type { AuditEntry } from '../audit/append-audit.js';
import { RefusedError, UsageError } from '../config/errors.js';
import {
  canonicalOptions,
  optionsFault,
  type Question,
  type UploadOptions,
} from './domain/upload-options.js';

/** An answer, by whom. */
export interface Answer {
  readonly uploadId: number;
  readonly options: UploadOptions;
  readonly actor: AuditEntry['actor'];
}

/**
 * Takes the answer to a held upload's question: the file is read with these options and loaded as if it had come with them.
 * @throws RefusedError nothing is asked; UsageError the question is not answered.
 */
export async function answerUpload(
  db: Pick<EntityManager, 'query'>,
  record: (entry: AuditEntry) => void,
  { uploadId, options, actor }: Answer,
): Promise<void> {
  const found: { status: string; question: Question | null; options: UploadOptions }[] = await db.query(
    'select status, question, options from upload where id = $1 for update',
    [uploadId],
  );
  const { status, question, options: before } = found[0];
  if (status !== 'held' || question === null)
    throw new RefusedError(`Upload ${uploadId} is ${status}: nothing is asked of it.`);
  const together = canonicalOptions({ ...before, ...options });
  if (together[question.about] === undefined)
    throw new UsageError(`The question is about ${question.about}: ${question.text}`);
  const fault = optionsFault(together);
  if (fault !== null) throw new UsageError(fault);
  await db.query(
    `update upload set status = 'received', question = null, options = $2, attempts = 0 where id = $1`,
    [uploadId, together],
  );
  record({
    actor,
    kind: 'upload.answered',
    subject: `upload:${uploadId}`,
    body: { question: question.text, options: together },
  });
}
