/** A Python with pandas and scikit-learn: Debian's, installed when it is missing and we may. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const PYTHON = '/usr/bin/python3';
const PACKAGES = ['python3-pandas', 'python3-sklearn'];

export const PIPELINE = path.join(import.meta.dirname, 'pipeline.py');

/** Null, with a word on stderr, where there is none and none can be had. */
export async function findPython() {
  if (await isComplete()) return PYTHON;
  try {
    await install();
    if (await isComplete()) return PYTHON;
    throw new Error('it still lacks them');
  } catch (error) {
    console.error(`no comparison with pandas and scikit-learn: ${error.message.split('\n')[0]}`);
    return null;
  }
}

async function isComplete() {
  return execute(PYTHON, ['-c', 'import pandas, sklearn']).then(
    () => true,
    () => false,
  );
}

async function install() {
  if (process.getuid?.() !== 0) throw new Error(`install ${PACKAGES.join(' and ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await execute('apt-get', ['update', '-qq'], { env });
  await execute('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], { env });
}
