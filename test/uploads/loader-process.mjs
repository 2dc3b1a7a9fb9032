/**
 * Loads open uploads in small batches until it is killed or done; prints a line per committed batch. Begins when it is told
 * to, so that a process may be made ready while another loads; compiled, because it is started dozens of times.
 */
import { once } from 'node:events';
import { connect } from '../../dist/src/database/connection.js';
import { loadOpenUploads } from '../../dist/src/uploads/load-open-uploads.js';
import { Spool } from '../../dist/src/uploads/spool.js';

const [databaseUrl, spoolFolder] = process.argv.slice(2);
const client = await connect(databaseUrl);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
await once(process.stdin, 'data');
const options = { spool: new Spool(spoolFolder), rejectedRowsKept: 10_000, now: () => new Date() };
await loadOpenUploads(
  client,
  // As large files are loaded.
  { ...options, batchBytes: 96 * 100, largeFileBytes: 0 },
  { onProgress: (_, { bytesDone }) => say({ bytesDone }) },
  new globalThis.AbortController().signal,
);
say('done');
await client.end();
process.stdin.destroy();
