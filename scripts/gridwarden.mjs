#!/usr/bin/env node
/** The command line from a checkout: sets it up when needed, then hands over to the built one. */
import { exitWith, setup } from './setup.mjs';

await exitWith(async () => {
  await setup();
  const { main } = await import('../dist/src/cli.js');
  return main(process.argv.slice(2));
});
