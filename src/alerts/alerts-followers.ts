import { Injectable } from '@nestjs/common';
import type { ClientBase } from 'pg';

/**
 * What has to go along with alerts, in the transaction that changes them: called for the metering points of each page of
 * them. Throwing undoes the page.
 */
export type FollowAlerts = (
  client: ClientBase,
  meteringPointIds: readonly number[],
  now: Date,
) => Promise<void>;

/** Later modules add themselves here when they start: alerts know of no cases. */
@Injectable()
export class AlertsFollowers {
  private readonly followers: FollowAlerts[] = [];

  add(follow: FollowAlerts): void {
    this.followers.push(follow);
  }

  readonly follow: FollowAlerts = async (...changed) => {
    for (const follow of this.followers) await follow(...changed);
  };
}
