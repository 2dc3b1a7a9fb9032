import { once } from 'node:events';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';

/**
 * `server-holder.ts DATA_DIR`: uses the embedded server until SIGTERM or SIGINT, then queries once more, says what came
 * and leaves, as the service does.
 */
const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
const embedded = await EmbeddedPostgres.start(process.argv[2], { say: () => {} });
process.stdout.write(`${JSON.stringify({ pid: embedded.pid, url: embedded.url })}\n`);
await stopped;
const client = new pg.Client(embedded.url);
await client.connect();
const { rows } = await client.query<{ answer: number }>('select 42 as answer');
await client.end();
await embedded.close();
process.stdout.write(`${JSON.stringify(rows[0])}\n`);
