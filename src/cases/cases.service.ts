import { Injectable } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller.js';
import { inCaseTransaction, onConnection } from './case-transaction.js';
import { personAtWork, viewerOf, type Person, type Viewer } from './viewer.js';

/** Runs what a caller asks for: reads on a connection as who they are, changes in a transaction as a person. */
@Injectable()
export class CasesService {
  constructor(readonly dataSource: DataSource) {}

  read<T>(caller: Caller, work: (client: ClientBase, viewer: Viewer) => Promise<T>): Promise<T> {
    return onConnection(this.dataSource, async (client) => work(client, await viewerOf(client, caller)));
  }

  change<T>(caller: Caller, work: (client: ClientBase, person: Person, now: Date) => Promise<T>): Promise<T> {
    const now = new Date();
    return inCaseTransaction(this.dataSource, async (client) =>
      work(client, await personAtWork(client, caller), now),
    );
  }
}
