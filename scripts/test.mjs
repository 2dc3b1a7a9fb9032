/** `npm test [-- JEST ARGUMENTS]`: sets the checkout up, fetches promtool, then runs every test, or those asked for. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { promtoolFolder } from './promtool.mjs';
import { exitWith, root, setup } from './setup.mjs';

await exitWith(async () => {
  await setup();
  return jest(process.argv.slice(2), promtoolFolder() ?? '');
});

/** Jest's exit code; 1 when a signal ended it. */
function jest(args, extraPath) {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--no-warnings', '--enable-source-maps', path.join('node_modules', 'jest', 'bin', 'jest.js'), ...args],
      {
        cwd: root,
        stdio: 'inherit',
        env: { ...process.env, PATH: [process.env.PATH, extraPath].filter(Boolean).join(path.delimiter) },
      },
    );
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
