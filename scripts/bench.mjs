/**
 * `npm run bench -- [NAME…] [--json]`: our code and what it is measured against, side by side in one run.
 *
 * A benchmark is a file test/bench/*.bench.mjs that imports the built code from dist and exports
 * `name: string` and `run(): AsyncIterable<{ name, ours, other, ratio, unit }>`, one object per measurement.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { exitWith, root, say, setup } from './setup.mjs';

const FOLDER = path.join(root, 'test', 'bench');

await exitWith(async () => {
  const options = readOptions();
  if (options === null) return 2;
  await setup();
  const benches = await loadBenches();
  const unknown = options.names.filter((name) => !benches.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    say(`no benchmark ${unknown.join(', ')}; there are: ${benches.map((bench) => bench.name).join(', ')}`);
    return 2;
  }
  for (const bench of benches) {
    if (options.names.length > 0 && !options.names.includes(bench.name)) continue;
    for await (const result of bench.run()) console.log(options.json ? JSON.stringify(result) : line(result));
  }
  return 0;
});

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean' } },
    });
    return { names: positionals, json: values.json ?? false };
  } catch (error) {
    say(error.message);
    return null;
  }
}

async function loadBenches() {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.bench.mjs'));
  return Promise.all(files.sort().map((name) => import(pathToFileURL(path.join(FOLDER, name)).href)));
}

function line({ name, ours, other, ratio, unit }) {
  const shown = (value) =>
    value === null || value === undefined ? '–' : Number(value.toPrecision(4)).toLocaleString('en');
  return `${name.padEnd(32)} ours ${shown(ours)} ${unit}   other ${shown(other)} ${unit}   ratio ${shown(ratio)}`;
}
