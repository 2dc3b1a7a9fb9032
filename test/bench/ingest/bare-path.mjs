/**
 * The yardstick for a first import: the wide file as fast as it goes when nothing is checked, kept or told. Two threads, each with
 * half of the file and a connection of its own, walk the bytes and send day rows (24 × 16 bits) by binary COPY into one logged table
 * whose primary key is in place. No receiving, no hash, no validation, no quality, no history, no audit log, no resuming.
 */
import { open } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { connect } from '../../../dist/src/database/connection.js';
import { copyInRows } from '../../../dist/src/database/copy-binary.js';
import { inThread, workOnPart } from '../part-thread.mjs';

const THREADS = 2;
const READ_BYTES = 1 << 20;
const MOST_LINE_BYTES = 4096;
const HOURS = 24;
const ROW_BYTES = 84;
const [LF, COMMA, POINT, ZERO] = [0x0a, 0x2c, 0x2e, 0x30];
const MISSING = 65_535;
/** Keys that no other thread gives out. */
const KEYS_OF_A_THREAD = 1 << 28;

/** Seconds for the file into a new table of the database; its lines end with a line feed alone. */
export async function timeBarePath(databaseUrl, file) {
  const client = await connect(databaseUrl);
  await client.query(`create table bare (meter integer, day integer, total_wh integer, hours smallint, energy bytea,
    primary key (meter, day))`);
  const started = performance.now();
  const ends = await cuts(file);
  await Promise.all(
    ends
      .slice(1)
      .map((to, n) =>
        inThread(import.meta.url, { databaseUrl, file, from: ends[n], to, firstKey: n * KEYS_OF_A_THREAD }),
      ),
  );
  const seconds = (performance.now() - started) / 1000;
  await client.query('drop table bare');
  await client.end();
  return seconds;
}

/** Where the rows begin, where each part of them ends. */
async function cuts(path) {
  const file = await open(path);
  const head = Buffer.alloc(MOST_LINE_BYTES);
  const lineBehind = async (at) => {
    await file.read(head, 0, head.length, at);
    return at + head.indexOf(LF) + 1;
  };
  const { size } = await file.stat();
  const inner = Array.from({ length: THREADS - 1 }, (_, n) => Math.floor((size * (n + 1)) / THREADS));
  const found = [await lineBehind(0)];
  for (const at of inner) found.push(await lineBehind(at));
  await file.close();
  return [...found, size];
}

async function send({ databaseUrl, ...part }) {
  const client = await connect(databaseUrl);
  await copyInRows(
    client,
    'copy bare (meter, day, total_wh, hours, energy) from stdin (format binary)',
    rows(part),
  );
  await client.end();
}

async function* rows({ file: path, from, to, firstKey }) {
  const file = await open(path);
  const keys = new Map();
  let rest = Buffer.alloc(0);
  for (let at = from; at < to;) {
    const piece = Buffer.allocUnsafeSlow(rest.length + Math.min(READ_BYTES, to - at));
    rest.copy(piece);
    const { bytesRead } = await file.read(piece, rest.length, piece.length - rest.length, at);
    at += bytesRead;
    const end = piece.lastIndexOf(LF) + 1;
    yield encode(piece.subarray(0, end), keys, firstKey);
    rest = piece.subarray(end);
  }
  await file.close();
}

/** Rows of COPY: a field count, then each field behind its length. */
function encode(bytes, keys, firstKey) {
  // A line of 24 empty cells is the shortest.
  const out = Buffer.allocUnsafeSlow(Math.ceil(bytes.length / (HOURS + 11)) * ROW_BYTES);
  let o = 0;
  for (let p = 0; p < bytes.length;) {
    // P0000001
    let number = 0;
    for (p++; bytes[p] !== COMMA; p++) number = number * 10 + bytes[p] - ZERO;
    let key = keys.get(number);
    if (key === undefined) keys.set(number, (key = firstKey + keys.size));
    // 2026-01-31
    const two = (i) => (bytes[p + i] - ZERO) * 10 + bytes[p + i + 1] - ZERO;
    const day = (two(1) * 100 + two(3)) * 372 + two(6) * 31 + two(9);
    p += 12;
    let total = 0;
    let hours = 0;
    for (let hour = 0; hour < HOURS; hour++) {
      let wh = 0;
      const begun = p;
      for (; bytes[p] !== COMMA && bytes[p] !== LF; p++)
        if (bytes[p] !== POINT) wh = wh * 10 + bytes[p] - ZERO;
      if (p === begun) wh = MISSING;
      else {
        total += wh;
        hours++;
      }
      p++;
      out[o + 36 + hour * 2] = wh;
      out[o + 37 + hour * 2] = wh >> 8;
    }
    out.writeInt16BE(5, o);
    out.writeInt32BE(4, o + 2);
    out.writeInt32BE(key, o + 6);
    out.writeInt32BE(4, o + 10);
    out.writeInt32BE(day, o + 14);
    out.writeInt32BE(4, o + 18);
    out.writeInt32BE(total, o + 22);
    out.writeInt32BE(2, o + 26);
    out.writeInt16BE(hours, o + 30);
    out.writeInt32BE(HOURS * 2, o + 32);
    o += ROW_BYTES;
  }
  return out.subarray(0, o);
}

await workOnPart(send);
