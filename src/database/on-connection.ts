import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';

/** Runs `work` on a connection of the pool, and gives it back. */
export async function onConnection<T>(
  dataSource: DataSource,
  work: (client: ClientBase) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    return await work((await runner.connect()) as ClientBase);
  } finally {
    await runner.release();
  }
}
