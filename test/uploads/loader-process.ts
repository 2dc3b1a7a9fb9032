import { connect } from '../../src/database/connection.js';
import { loadOpenUploads } from '../../src/uploads/load-open-uploads.js';
import { Spool } from '../../src/uploads/spool.js';

/** Loads open uploads in small batches until it is killed or done; prints a line per committed batch. */
const [databaseUrl, spoolFolder] = process.argv.slice(2);
const client = await connect(databaseUrl);
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
await loadOpenUploads(
  client,
  { spool: new Spool(spoolFolder), rejectedRowsKept: 10_000, now: () => new Date(), batchBytes: 96 * 100 },
  { onProgress: (_, { bytesDone }) => say({ bytesDone }) },
  new AbortController().signal,
);
say('done');
await client.end();
