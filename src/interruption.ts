import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { leaveOpenDatabases } from './database/open-databases.js';

/** How long a command may tidy up after its database has gone: an evaluation removes the folder it worked in. */
const TIDY_UP_MS = 10_000;

/** A command under the signals that ask it to stop. */
export interface Interruption {
  /** Once the command has ended: the exit code of the signal that ended it (130, 143) after its databases have been left, else null. */
  exitCode(): Promise<number | null>;
}

/**
 * Ctrl-C and SIGTERM for commands that have no stop of their own: leaves the databases that are open, whereupon the
 * command fails and tidies up, and ends the process with 128 + the signal's number, as shells do. A second signal does
 * not wait any more.
 */
export function watchForInterruption(): Interruption {
  let left: Promise<number> | null = null;
  let code = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (left !== null) process.exit(code);
    code = 128 + constants.signals[signal];
    process.exitCode = code;
    left = leaveOpenDatabases();
    // Where no database was open nothing is left to tidy, and the command may not notice the signal at all.
    void left
      .then((databases) => sleep(databases === 0 ? 0 : TIDY_UP_MS, undefined, { ref: false }))
      .then(() => process.exit(code));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    async exitCode() {
      if (left === null) {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
        return null;
      }
      await left;
      return code;
    },
  };
}
