export interface ThrottleSettings {
  readonly windowMs: number;
  /** Names remembered at once; of more, the longest known are forgotten: a flood of names must not fill the memory. */
  readonly mostNames: number;
}

/** Counts allowed under one name within a window. */
export interface ThrottleLimit {
  readonly name: string;
  readonly most: number;
}

interface Window {
  readonly startedAtMs: number;
  count: number;
}

/** Counts by name in windows of fixed length: failed attempts, requests. */
export class Throttle {
  private readonly windows = new Map<string, Window>();

  constructor(private readonly settings: ThrottleSettings) {}

  /** Seconds to wait while any of the names has had its most; null: go on. */
  retryAfterSeconds(limits: readonly ThrottleLimit[], nowMs: number): number | null {
    const waits = limits.map(({ name, most }) => {
      const window = this.current(name, nowMs);
      if (window === null || window.count < most) return 0;
      return Math.ceil((window.startedAtMs + this.settings.windowMs - nowMs) / 1000);
    });
    const longest = Math.max(0, ...waits);
    return longest === 0 ? null : longest;
  }

  count(limits: readonly ThrottleLimit[], nowMs: number): void {
    for (const { name } of limits) {
      const window = this.current(name, nowMs) ?? { startedAtMs: nowMs, count: 0 };
      window.count += 1;
      // Set anew, so that the map's order is the order of the windows' starts.
      if (window.count === 1) this.windows.delete(name);
      this.windows.set(name, window);
    }
    for (const name of this.windows.keys()) {
      if (this.windows.size <= this.settings.mostNames) break;
      this.windows.delete(name);
    }
  }

  get size(): number {
    return this.windows.size;
  }

  private current(name: string, nowMs: number): Window | null {
    const window = this.windows.get(name);
    return window !== undefined && nowMs < window.startedAtMs + this.settings.windowMs ? window : null;
  }
}
