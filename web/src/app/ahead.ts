import { api } from '../api/client.js';

const answers = new Map<string, Promise<unknown>>();

/** Asks for what a page will want before its code is there; the answer waits for the first who asks for the same. */
export function askAhead(paths: readonly string[]): void {
  for (const path of paths) {
    if (answers.has(path)) continue;
    const answer = api(path);
    answers.set(path, answer);
    // The page asks again then, and says what comes of it.
    answer.catch(() => answers.delete(path));
  }
}

/** The answer that was asked for ahead, once: whoever asks again wants it anew. */
export function takeAhead<T>(path: string): Promise<T> | undefined {
  const answer = answers.get(path) as Promise<T> | undefined;
  answers.delete(path);
  return answer;
}

/** What nobody took is old by the time that somebody asks. */
export function forgetAhead(): void {
  answers.clear();
}
