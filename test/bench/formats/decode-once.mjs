/**
 * `decode-once.mjs FORMAT FILE [PASSES]`: processor time of a pass (median) and peak memory; `bare-FORMAT`: of the library alone.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { SaxesParser } from 'saxes';
import yauzl from 'yauzl';
import { FORMATS } from '../../../dist/src/uploads/formats/index.js';

const [name, file, passes = '1'] = process.argv.slice(2);
const PASSES = { 'bare-xlsx': bareWorkbook, 'bare-parquet': bareParquet };
const seconds = [];
for (let pass = 0; pass < Number(passes); pass++) {
  const before = process.cpuUsage();
  await (PASSES[name] ?? decode)();
  const { user, system } = process.cpuUsage(before);
  seconds.push((user + system) / 1e6);
}
seconds.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    seconds: seconds[Math.floor(seconds.length / 2)],
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
);

async function decode() {
  const format = FORMATS.find((each) => each.name === name);
  const source = {
    member: '',
    file: { path: file, bytes: (await stat(file)).size },
    chunks: () => createReadStream(file, { highWaterMark: 1 << 20 }),
  };
  let values = 0;
  for await (const items of format.decode(source, { zone: null, receivedAt: new Date('2026-06-01') })) {
    for (const item of items) {
      if (item.kind === 'problem') throw new Error(`${name}: ${item.detail}`);
      if (item.kind === 'intervals') values += item.wh.length;
      if (item.kind === 'register') values++;
    }
  }
  if (values === 0) throw new Error(`${name}: nothing was decoded`);
}

/** Unzips every member and parses its XML, and looks at nothing. */
async function bareWorkbook() {
  const zip = await yauzl.openPromise(file);
  for await (const entry of zip.eachEntry()) {
    const parser = new SaxesParser({ fragment: false });
    const text = new TextDecoder();
    const stream = await zip.openReadStreamPromise(entry);
    for await (const chunk of stream) parser.write(text.decode(chunk, { stream: true }));
    parser.close();
  }
}

/** Reads every column of every row group into rows. */
async function bareParquet() {
  const buffer = await asyncBufferFromFile(file);
  const metadata = await parquetMetadataAsync(buffer);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    await parquetRead({ file: buffer, metadata, compressors, rowStart, rowEnd, onComplete: () => undefined });
    rowStart = rowEnd;
  }
}
