/**
 * Compiles src/readings/assembly/order-statistics.ts (AssemblyScript) into domain/order-statistics.wasm.ts, which is kept with the
 * sources: nothing that runs needs the compiler. test/house/assembly.spec.ts says when it is to be run again.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import asc from 'assemblyscript/asc';

const folder = path.resolve(import.meta.dirname, '../src/readings');
const SOURCE = 'assembly/order-statistics.ts';
export const TARGET = path.join(folder, 'domain/order-statistics.wasm.ts');

/** The text of the module that holds the compiled bytes. */
export async function compiled() {
  const { error, binary, stderr } = await compile();
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(/.{1,100}/g);
  return `/** Made by \`npm run assembly\` of ${SOURCE}; not edited by hand. */
export const ORDER_STATISTICS_WASM =
  '${lines.join("' +\n  '")}';
`;
}

/** Pages of 64 KB: the numbers, three spare areas, and tables of hours in the rest. */
const MEMORY = ['--initialMemory', '6', '--maximumMemory', '6'];

async function compile() {
  let binary;
  const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];
  const result = await asc.main([SOURCE, '--baseDir', folder, '--outFile', 'binary', ...MEMORY, ...options], {
    writeFile: (name, contents) => {
      if (name === 'binary') binary = contents;
    },
  });
  return { ...result, binary };
}

if (process.argv[1] === import.meta.filename) await writeFile(TARGET, await compiled());
