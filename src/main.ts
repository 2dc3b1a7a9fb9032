import { main } from './cli.js';

/** The service's entry, and the container's: any command may be given, without one it serves. */
const args = process.argv.slice(2);
process.exitCode = await main(args.length === 0 ? ['serve'] : args);
