import { TooLargeError } from './errors.js';

/**
 * A request's body in one piece.
 * @throws TooLargeError with the sentence, as soon as it is
 */
export async function wholeBody(
  request: AsyncIterable<Uint8Array>,
  mostBytes: number,
  sentence: string,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new TooLargeError(sentence);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
