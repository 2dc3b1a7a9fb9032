import { GreetingRunners } from '../support/runner.mjs';

interface Channel {
  onMessage(listener: (message: unknown) => void): void;
  postMessage(message: unknown): void;
}

/** The channel that a process of the test run is given with its first test file. */
function channelOf(projectConfig: object): Channel {
  const channels: Channel[] = [];
  const pool = { run: (_: string, options: { channel: Channel }) => channels.push(options.channel) };
  const runners = new GreetingRunners({ seed: 1 }, 'child_process');
  runners.set(projectConfig, { pool });
  runners.get(projectConfig)!.run({ path: 'a.spec.ts' });
  return channels[0];
}

test('a process that asks for its settings after another was answered is answered too', () => {
  const project = { id: 'p' };
  const channel = channelOf(project);
  const heard: unknown[][] = [[], []];
  for (const each of heard) channel.onMessage((message) => each.push(message));
  channel.postMessage('jest-light-runner-get-worker-data');
  channel.postMessage('something else');
  channel.postMessage('jest-light-runner-get-worker-data');
  const greeting = {
    type: 'jest-light-runner-worker-data',
    workerData: { globalConfig: { seed: 1 }, projectConfig: project, runtime: 'child_process' },
  };
  expect(heard).toEqual([
    [greeting, greeting],
    [greeting, greeting],
  ]);
});
