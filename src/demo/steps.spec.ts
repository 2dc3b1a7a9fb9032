import { describe, expect, test } from '@jest/globals';
import { Steps } from './steps.js';

function terminal(isTTY: boolean) {
  let text = '';
  return {
    isTTY,
    write: (more: string) => (text += more),
    text: () => text.replaceAll(/\(\d+\.\d s\)/g, '(N s)'),
  };
}

describe('steps', () => {
  test('leave one line each', async () => {
    const output = terminal(false);
    const steps = new Steps(output);
    const result = await steps.run(
      'counting',
      async (show) => {
        show('half');
        return 2;
      },
      (n) => `${n} counted`,
    );
    await steps.run(
      'resting',
      async () => null,
      () => 'done',
    );
    expect(result).toBe(2);
    expect(output.text()).toBe(
      '  ✔ counting                  2 counted  (N s)\n  ✔ resting                   done  (N s)\n',
    );
  });

  test('redraw the one that runs, on a terminal', async () => {
    const output = terminal(true);
    await new Steps(output).run(
      'counting',
      async (show) => {
        for (let i = 0; i < 1000; i += 1) show(`${i}`);
      },
      () => 'all',
    );
    // The first redraw, and the closing line: the others came within a tenth of a second.
    expect(output.text()).toBe(
      '\r\u001b[2K  … counting                  \r\u001b[2K  ✔ counting                  all  (N s)\n',
    );
  });

  test('say which one failed, and pass the error on', async () => {
    const output = terminal(false);
    const failing = new Steps(output).run(
      'falling',
      () => Promise.reject(new Error('ouch')),
      () => '',
    );
    await expect(failing).rejects.toThrow('ouch');
    expect(output.text()).toBe('  ✘ falling\n');
  });
});
