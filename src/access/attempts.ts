import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Throttle, type ThrottleLimit } from './domain/throttle.js';
import { AccessRefusal } from './refusal.js';

const MINUTE_MS = 60_000;
const MOST_NAMES = 10_000;

/**
 * Nobody guesses 256 bits: the limits on keys and tokens keep a broken or hostile client from using up the database. A key is
 * counted together with the address, so that nobody elsewhere can lock its owner out.
 */
const MOST_OF_KEY = 10;
const MOST_OF_ADDRESS = 100;
/**
 * A password can be guessed, from many addresses too: 50 tries in a quarter of an hour are 4,800 a day, against passwords of
 * which the most likely ones are refused. Who is locked out by a stranger's tries waits minutes, or uses a one-time link.
 */
const MOST_OF_LOGIN = 50;
const LOGIN_WINDOW_MS = 15 * MINUTE_MS;
/** Many people sit behind one address, a proxy's above all when it is not named as trusted. */
const CALLERS_OF_ADDRESS = 10;

/** Slows down who fails to come in, and who asks too much. Kept in this process's memory. */
@Injectable()
export class Attempts {
  private readonly failures = new Throttle({ windowMs: MINUTE_MS, mostNames: MOST_NAMES });
  private readonly logins = new Throttle({ windowMs: LOGIN_WINDOW_MS, mostNames: MOST_NAMES });
  private readonly requests = new Throttle({ windowMs: MINUTE_MS, mostNames: MOST_NAMES });

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'requestsPerMinute'>) {}

  /**
   * What `attempt` finds; its AccessRefusal counts as a failure.
   * @throws AccessRefusal without trying, after too many
   * @param key prefix of the key that is shown, null for tokens
   */
  async limit<T>(address: string, key: string | null, attempt: () => Promise<T>): Promise<T> {
    const counted = { throttle: this.failures, limits: limitsOf(address, key) };
    return failing([counted], attempt);
  }

  /** The same of a password: counted by address, by login at this address, and by login wherever it comes from. */
  async limitPassword<T>(address: string, login: string, attempt: () => Promise<T>): Promise<T> {
    const ofLogin = [{ name: login, most: MOST_OF_LOGIN }];
    return failing(
      [
        { throttle: this.failures, limits: limitsOf(address, `login ${login}`) },
        { throttle: this.logins, limits: ofLogin },
      ],
      attempt,
    );
  }

  /** @throws AccessRefusal when too many requests came from the address, whoever made them */
  countAddress(address: string): void {
    this.countRequest(address, this.config.requestsPerMinute * CALLERS_OF_ADDRESS);
  }

  /** @throws AccessRefusal when the key or person has asked too much */
  countCaller(actor: string): void {
    this.countRequest(actor, this.config.requestsPerMinute);
  }

  private countRequest(name: string, most: number): void {
    const limits = [{ name, most }];
    refuseIf(this.requests.retryAfterSeconds(limits, Date.now()), 'Too many requests');
    this.requests.count(limits, Date.now());
  }
}

interface Counted {
  readonly throttle: Throttle;
  readonly limits: readonly ThrottleLimit[];
}

async function failing<T>(counted: readonly Counted[], attempt: () => Promise<T>): Promise<T> {
  for (const { throttle, limits } of counted)
    refuseIf(throttle.retryAfterSeconds(limits, Date.now()), 'Too many failed attempts');
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof AccessRefusal)
      for (const { throttle, limits } of counted) throttle.count(limits, Date.now());
    throw error;
  }
}

function refuseIf(seconds: number | null, what: string): void {
  if (seconds !== null) throw new AccessRefusal('throttled', `${what}: try again in ${seconds} s.`, seconds);
}

function limitsOf(address: string, key: string | null): ThrottleLimit[] {
  const ofAddress = { name: address, most: MOST_OF_ADDRESS };
  return key === null ? [ofAddress] : [ofAddress, { name: `${address} ${key}`, most: MOST_OF_KEY }];
}
