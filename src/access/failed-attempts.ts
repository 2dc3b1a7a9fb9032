import { Injectable } from '@nestjs/common';
import { FailureThrottle, type ThrottleLimit } from './domain/failure-throttle.js';
import { AccessRefusal } from './refusal.js';

/**
 * Nobody guesses 256 bits: the limits keep a broken or hostile client from using up the database. A key is counted together
 * with the address, so that nobody elsewhere can lock its owner out.
 */
const WINDOW_MS = 60_000;
const MOST_OF_KEY = 10;
const MOST_OF_ADDRESS = 100;
const MOST_NAMES = 10_000;

/** Slows down who fails to come in. Kept in this process's memory. */
@Injectable()
export class FailedAttempts {
  private readonly throttle = new FailureThrottle({ windowMs: WINDOW_MS, mostNames: MOST_NAMES });

  /**
   * What `attempt` finds; its AccessRefusal counts as a failure.
   * @throws AccessRefusal without trying, after too many
   * @param key prefix of the key that is shown, null for tokens
   */
  async limit<T>(address: string, key: string | null, attempt: () => Promise<T>): Promise<T> {
    const limits = limitsOf(address, key);
    const seconds = this.throttle.retryAfterSeconds(limits, Date.now());
    if (seconds !== null)
      throw new AccessRefusal('throttled', `Too many failed attempts: try again in ${seconds} s.`, seconds);
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof AccessRefusal) this.throttle.fail(limits, Date.now());
      throw error;
    }
  }
}

function limitsOf(address: string, key: string | null): ThrottleLimit[] {
  const ofAddress = { name: address, mostFailures: MOST_OF_ADDRESS };
  return key === null ? [ofAddress] : [ofAddress, { name: `${address} ${key}`, mostFailures: MOST_OF_KEY }];
}
