import { loadConfig } from '../config/config.js';
import type { Database } from '../database/open-database.js';

/** The database of this environment's configuration, for the length of `work`: the command line needs no key. */
export async function withDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env);
  // Loaded here, so that --help does not wait for TypeORM.
  const { openDatabase } = await import('../database/open-database.js');
  const database = await openDatabase(config);
  try {
    await work(database);
  } finally {
    await database.close();
  }
}
