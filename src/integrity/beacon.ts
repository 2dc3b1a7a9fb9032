import { RefusedError } from '../config/errors.js';

const TIMEOUT_MS = 10_000;
const LONGEST = 4_096;
const AFTER_MS = 60_000;

/** Where the beacon's value for a period is: of a moment that was settled when the period began. */
export function beaconAddress(template: string, periodEnd: Date): string {
  return template.replaceAll('{unix}', String(Math.floor((periodEnd.getTime() + AFTER_MS) / 1000)));
}

/** The `randomness` of a JSON answer, or else the whole text. @throws RefusedError it can't be had now */
export async function fetchBeacon(address: string): Promise<string> {
  let text: string;
  try {
    const response = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`it answers with status ${response.status}`);
    text = (await response.text()).trim();
  } catch (error) {
    throw new RefusedError(`The beacon ${address} can't be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  const value = randomnessIn(text) ?? text;
  if (value === '' || value.length > LONGEST)
    throw new RefusedError(`The beacon ${address} answers with no value of up to ${LONGEST} characters.`);
  return value;
}

function randomnessIn(text: string): string | null {
  try {
    const { randomness } = JSON.parse(text) as { randomness?: unknown };
    return typeof randomness === 'string' ? randomness : null;
  } catch {
    return null;
  }
}
