import ChildProcessRunner from 'jest-light-runner/child-process';

/**
 * jest-light-runner in child processes, with its greeting mended (0.7.13 and 0.8.2 alike). A process asks for its settings; the
 * runner answers all processes at once and then forgets them all. One that was a moment late to listen asks in vain, and the
 * whole run waits for it for ever: seen on a loaded machine. Here nobody is forgotten.
 */
export default class Runner extends ChildProcessRunner {
  constructor(globalConfig, ...rest) {
    super(globalConfig, ...rest);
    this._testRunners = new GreetingRunners(globalConfig, this._runtime);
  }
}

/** The runner's pool of each project, with a channel of ours. */
export class GreetingRunners extends Map {
  constructor(globalConfig, runtime) {
    super();
    this.globalConfig = globalConfig;
    this.runtime = runtime;
  }

  set(projectConfig, { pool }) {
    const { globalConfig, runtime } = this;
    const channel = greetingChannel({ globalConfig, projectConfig, runtime });
    return super.set(projectConfig, { pool, run: ({ path }) => pool.run(path, { channel }) });
  }
}

/** A process may be greeted more than once: it listens to the first greeting only. */
function greetingChannel(workerData) {
  const listeners = new Set();
  return {
    onMessage: (listener) => listeners.add(listener),
    postMessage: (message) => {
      if (message !== 'jest-light-runner-get-worker-data') return;
      for (const listener of listeners) listener({ type: 'jest-light-runner-worker-data', workerData });
    },
  };
}
