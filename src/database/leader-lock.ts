import { setTimeout as sleep } from 'node:timers/promises';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type pg from 'pg';
import { ADVISORY_LOCKS } from './advisory-locks.js';

export interface LeaderLockTimes {
  /** Between two tries to become the leader, and between two checks of being it. */
  readonly pollMs: number;
  /** A check that takes longer counts as a lost connection. */
  readonly answerMs: number;
}

/**
 * A leader that hears nothing gives up after at most pollMs + answerMs = 6 s; the server lets go of a silent leader's
 * lock after 10 + 3 × 5 = 25 s ({@link KEEPALIVE}): never two at once, unless a process is frozen for that long.
 */
const TIMES: LeaderLockTimes = { pollMs: 1_000, answerMs: 5_000 };
const KEEPALIVE =
  'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3';

/**
 * Makes exactly one of any number of instances on one database the leader: the one whose dedicated connection holds
 * the advisory lock. When the leader dies, another takes over within a poll. Work that must be done once asks
 * {@link isLeader} before it starts; long work also watches {@link term}.
 */
export class LeaderLock implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private currentTerm: AbortController | null = null;

  constructor(
    private readonly connect: () => Promise<pg.Client>,
    private readonly times: LeaderLockTimes = TIMES,
  ) {}

  get isLeader(): boolean {
    return this.currentTerm !== null;
  }

  /** Aborts when this instance stops being the leader; null when it is not the leader. */
  get term(): AbortSignal | null {
    return this.currentTerm?.signal ?? null;
  }

  onApplicationBootstrap(): void {
    this.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  start(): void {
    this.running = this.run();
  }

  /** Gives leadership up, so that another instance need not wait for our connection to break. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.contend(await this.connect());
      } catch {
        // The database is away: nobody leads meanwhile, and whoever uses it next reports the error.
      }
      await this.pause();
    }
  }

  /** Tries, and then leads, for as long as `client` lives. */
  private async contend(client: pg.Client): Promise<void> {
    const lost = new Promise<never>((_, reject) => {
      client.once('end', () => reject(new Error('the connection of the leader lock ended')));
    });
    lost.catch(() => this.resign());
    try {
      await client.query(KEEPALIVE);
      while (!this.stopping.signal.aborted) {
        const holds = await Promise.race([this.holdsLock(client), lost, silence(this.times.answerMs)]);
        if (holds) this.currentTerm ??= new AbortController();
        await Promise.race([this.pause(), lost]);
      }
    } finally {
      this.resign();
      await client.end();
    }
  }

  /** A lock once taken stays with its session; asking again would take it twice. */
  private async holdsLock(client: pg.Client): Promise<boolean> {
    if (this.isLeader) {
      await client.query('select');
      return true;
    }
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(${ADVISORY_LOCKS.leadership}) as locked`,
    );
    return rows[0].locked;
  }

  private resign(): void {
    this.currentTerm?.abort();
    this.currentTerm = null;
  }

  private async pause(): Promise<void> {
    await sleep(this.times.pollMs, undefined, { signal: this.stopping.signal }).catch(() => {});
  }
}

async function silence(ms: number): Promise<never> {
  await sleep(ms, undefined, { ref: false });
  throw new Error(`the database did not answer for ${ms} ms`);
}
