/** `npm run demo`: sets the checkout up when needed, then `gridwarden demo`. */
import { exitWith, setup } from './setup.mjs';

await exitWith(async () => {
  await setup();
  const { main } = await import('../dist/src/cli.js');
  return main(['demo', ...process.argv.slice(2)]);
});
