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

/** Unzips every member, parses its XML and hands on each row with the texts of its cells: what any reader must at least do. */
async function bareWorkbook() {
  const zip = await yauzl.openPromise(file);
  let cells = 0;
  for await (const entry of zip.eachEntry()) {
    const parser = new SaxesParser({ fragment: false });
    const decoder = new TextDecoder();
    let row = [];
    let value = null;
    parser.on('opentag', ({ name }) => {
      if (name === 'row') row = [];
      else if (name === 'v' || name === 't') value = '';
    });
    parser.on('text', (text) => {
      if (value !== null) value += text;
    });
    parser.on('closetag', ({ name }) => {
      if (name === 'v' || name === 't') {
        row.push(value);
        value = null;
      } else if (name === 'row') cells += row.length;
    });
    const stream = await zip.openReadStreamPromise(entry);
    for await (const chunk of stream) parser.write(decoder.decode(chunk, { stream: true }));
    parser.close();
  }
  if (cells === 0) throw new Error('no cells');
}

/** Reads every column of every row group into rows of values, as the library hands them on. */
async function bareParquet() {
  let rows = 0;
  const buffer = await asyncBufferFromFile(file);
  const metadata = await parquetMetadataAsync(buffer);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    await parquetRead({
      file: buffer,
      metadata,
      compressors,
      rowStart,
      rowEnd,
      onComplete: (found) => (rows += found.length),
    });
    rowStart = rowEnd;
  }
  if (rows === 0) throw new Error('no rows');
}
