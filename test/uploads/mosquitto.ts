import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connectAsync } from 'mqtt';
import { freePort } from '../support/free-port.js';
import { eventually } from '../support/process.js';

/** Debian's own broker, which hands the messages of a shared subscription to its clients in turn. */
export class Mosquitto {
  private log = '';

  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
  ) {
    process.stderr!.on('data', (text: Buffer) => (this.log += text.toString()));
  }

  static async start(program: string, config: string): Promise<Mosquitto> {
    const port = await freePort();
    writeFileSync(
      config,
      `listener ${port} 127.0.0.1\nallow_anonymous true\nuser root\nlog_dest stderr\nlog_type subscribe\nlog_type information\n`,
    );
    const process = spawn(program, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    const broker = new Mosquitto(process, `mqtt://127.0.0.1:${port}`);
    await eventually(() => broker.log.includes('running'), 30_000);
    return broker;
  }

  /** How many clients have subscribed to a shared topic. */
  subscriptions(): number {
    return this.log.split('\n').filter((line) => line.includes('$share/')).length;
  }

  async publish(messages: readonly { readonly topic: string; readonly message: object }[]): Promise<void> {
    const client = await connectAsync(this.url);
    for (const { topic, message } of messages)
      await client.publishAsync(topic, JSON.stringify(message), { qos: 1 });
    await client.endAsync();
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill();
    await ended;
  }
}
