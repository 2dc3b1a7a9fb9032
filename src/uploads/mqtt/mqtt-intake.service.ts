import { Readable } from 'node:stream';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { MqttClient } from 'mqtt';
import { systemActor } from '../../audit/append-audit.js';
import { CONFIG } from '../../config/config.module.js';
import type { Config } from '../../config/config.js';
import { ruleFor } from '../../config/domain/mqtt-topics.js';
import { DATABASE } from '../../database/database.token.js';
import type { Database } from '../../database/open-database.js';
import { receiveUpload } from '../receive-upload.js';
import { spoolIn } from '../spool.js';
import { UploadLoader } from '../upload-loader.service.js';
import { UploadsMetrics } from '../uploads.metrics.js';
import { linesOfMessage } from './message-lines.js';

const RECONNECT_AFTER_MS = 2_000;
const MOST_BATCH_BYTES = 8 << 20;
/** A message that is larger is no reading. */
const MOST_MESSAGE_BYTES = 256 << 10;

type Message = Parameters<MqttClient['handleMessage']>[0];

/** A message that is not yet durable. */
interface Waiting {
  readonly utility: string;
  readonly lines: readonly string[];
  readonly isUnreadable: boolean;
  /** To acknowledge it by; null where its sender wants none (QoS 0). */
  readonly messageId: number | null;
  /** The connection it came over: another one has its numbers anew. */
  readonly connection: number;
}

/** The library acknowledges what it hands over, durable or not; that we do it ourselves is not in its types. */
interface Acknowledger {
  _sendPacket(packet: { readonly cmd: 'puback'; readonly messageId: number }): void;
}

/**
 * Readings from a broker. Messages are gathered into uploads in NDJSON and acknowledged once their upload is durable; what
 * was not acknowledged, the broker sends again to the next connection of the same session. A reading stored twice writes
 * nothing.
 */
@Injectable()
export class MqttIntake implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(MqttIntake.name);
  private client: MqttClient | null = null;
  private connection = 0;
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private timer: NodeJS.Timeout | null = null;
  private storing: Promise<void> | null = null;
  private isStopping = false;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    private readonly loader: UploadLoader,
    private readonly metrics: UploadsMetrics,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { mqttUrl, mqttTopics, mqttShare, mqttClientId: clientId } = this.config;
    if (mqttUrl === null) return;
    // Who has no broker need not wait for its library.
    const { connect } = await import('mqtt');
    const { address, username, password } = credentialsIn(mqttUrl);
    const client = connect(address, {
      username,
      password,
      clientId,
      clean: false,
      resubscribe: false,
      reconnectPeriod: RECONNECT_AFTER_MS,
    });
    this.client = client;
    client.on('connect', () => {
      this.connection++;
      this.metrics.mqttConnected.set(1);
      this.logger.log(`Takes readings from ${address}`);
      client.subscribe(
        mqttTopics.map(({ filter }) => (mqttShare === null ? filter : `$share/${mqttShare}/${filter}`)),
        { qos: 1 },
        (error) => {
          if (error) this.logger.error(`The broker refuses the subscription: ${error.message}`);
        },
      );
    });
    client.on('close', () => this.metrics.mqttConnected.set(0));
    client.on('error', (error) => this.logger.error(`${address}: ${error.message || String(error)}`));
    // An error makes the client go on to the next packet without acknowledging this one: that comes later.
    client.handleMessage = (packet, done) => {
      this.take(packet);
      done(new Error('acknowledged once it is durable'));
    };
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    const { client } = this;
    if (client === null) return;
    await this.store();
    await client.endAsync(!client.connected);
  }

  private take({ topic, payload, qos, messageId }: Message): void {
    // Nobody has acknowledged it: it comes again after the next start.
    if (this.isStopping) return;
    const rule = ruleFor(this.config.mqttTopics, topic);
    if (rule === null) {
      this.acknowledge(qos === 0 ? null : (messageId ?? null), this.connection);
      return;
    }
    const bytes = Buffer.from(payload).subarray(0, MOST_MESSAGE_BYTES + 1);
    const { lines, isUnreadable } = linesOfMessage(topic, bytes, rule, new Date());
    this.waiting.push({
      utility: rule.utility,
      lines,
      isUnreadable,
      messageId: qos === 0 ? null : (messageId ?? null),
      connection: this.connection,
    });
    for (const line of lines) this.waitingBytes += line.length;
    this.arm();
  }

  /** Sees to it that what waits is stored: at once when it is much, else in a while. */
  private arm(): void {
    const { mqttBatchMessages, mqttBatchSeconds, uploadMaxBytes } = this.config;
    if (this.storing !== null || this.waiting.length === 0) return;
    const mostBytes = Math.min(MOST_BATCH_BYTES, uploadMaxBytes / 8);
    if (this.waiting.length >= mqttBatchMessages || this.waitingBytes >= mostBytes) void this.store();
    else this.timer ??= setTimeout(() => void this.store(), mqttBatchSeconds * 1000);
  }

  private async store(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    // One batch at a time; the next gathers meanwhile.
    while (this.storing !== null) await this.storing;
    this.storing = this.storeWaiting();
    await this.storing;
    this.storing = null;
    this.arm();
  }

  private async storeWaiting(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    for (const utility of new Set(batch.map((message) => message.utility))) {
      const messages = batch.filter((message) => message.utility === utility);
      try {
        await this.receive(utility, messages);
        for (const { messageId, connection } of messages) this.acknowledge(messageId, connection);
        for (const { isUnreadable } of messages)
          this.metrics.mqttMessages.inc({ result: isUnreadable ? 'unreadable' : 'stored' });
      } catch (error) {
        this.metrics.mqttMessages.inc({ result: 'failed' }, messages.length);
        this.logger.error(`${messages.length} messages could not be stored: ${(error as Error).message}`);
        // A new connection has the broker send again what was not acknowledged.
        this.client?.stream.destroy();
      }
    }
  }

  private async receive(utility: string, messages: readonly Waiting[]): Promise<void> {
    const text = messages.flatMap(({ lines }) => lines.map((line) => `${line}\n`));
    const request = {
      kind: 'readings',
      utility,
      filename: 'mqtt.ndjson',
      zone: null,
      sender: systemActor('mqtt', utility),
    } as const;
    const { config, database } = this;
    await receiveUpload(
      database,
      spoolIn(config),
      config,
      request,
      Readable.from([Buffer.from(text.join(''))]),
      new Date(),
    );
    this.loader.look();
  }

  private acknowledge(messageId: number | null, connection: number): void {
    if (messageId === null || connection !== this.connection || !this.client?.connected) return;
    (this.client as unknown as Acknowledger)._sendPacket({ cmd: 'puback', messageId });
  }
}

/** The address as it may stand in a log, and what opens it. */
function credentialsIn(text: string): { address: string; username?: string; password?: string } {
  const url = new URL(text);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const said = (value: string) => (value === '' ? undefined : decodeURIComponent(value));
  return { address: url.href, username: said(username), password: said(password) };
}
