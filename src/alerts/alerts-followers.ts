import { Injectable } from '@nestjs/common';
import type { ClientBase } from 'pg';

/** Metering points of a page of alerts, and those among them whose alerts the page changed. */
export interface FollowedPoints {
  readonly all: readonly number[];
  readonly changed: readonly number[];
}

/** What has to go along with alerts, in the transaction that changes them. Throwing undoes the page. */
export type FollowAlerts = (client: ClientBase, points: FollowedPoints, now: Date) => Promise<void>;

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
