import { RefusedError } from '../config/errors.js';
import { checkpointText, type Checkpoint } from './domain/checkpoint.js';

const TIMEOUT_MS = 10_000;

/**
 * Hands the checkpoint, as the text it is, to somebody outside.
 * @throws RefusedError it did not arrive. The address is left out of the message: it may hold a secret.
 */
export async function postCheckpoint(url: string, checkpoint: Checkpoint): Promise<void> {
  const { host } = new URL(url);
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: checkpointText(checkpoint),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = (cause as Error | undefined)?.message ?? message;
    throw new RefusedError(`The checkpoint did not reach ${host}: ${reason}.`);
  }
  await response.body?.cancel();
  if (!response.ok)
    throw new RefusedError(`The checkpoint was refused by ${host}: status ${response.status}.`);
}
