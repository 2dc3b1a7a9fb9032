import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';

/** A real MQTT broker that keeps its sessions while its port is closed. */
export class Broker {
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;
  /** Messages that a subscriber has acknowledged, by topic. */
  readonly acknowledged: string[] = [];
  subscriptions = 0;
  private whenAcknowledged: () => void = () => undefined;

  private constructor(
    private readonly aedes: Aedes,
    private port: number,
  ) {
    aedes.on('subscribe', () => void this.subscriptions++);
    aedes.on('ack', (packet) => {
      if (packet !== undefined && 'topic' in packet) {
        this.acknowledged.push(packet.topic);
        this.whenAcknowledged();
      }
    });
  }

  static async start(): Promise<Broker> {
    const broker = new Broker(await Aedes.createBroker(), 0);
    await broker.open();
    return broker;
  }

  onAcknowledged(listener: () => void): void {
    this.whenAcknowledged = listener;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async open(): Promise<void> {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      this.aedes.handle(socket);
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** As when its machine loses the network. */
  async shut(): Promise<void> {
    const closed = once(this.server!, 'close');
    this.server!.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  publish(topic: string, message: object | string): Promise<void> {
    const payload = typeof message === 'string' ? message : JSON.stringify(message);
    const packet = { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false } as const;
    return new Promise((resolve, reject) =>
      this.aedes.publish(packet, (error) => (error ? reject(error) : resolve())),
    );
  }

  async stop(): Promise<void> {
    await this.shut();
    await new Promise<void>((resolve) => this.aedes.close(() => resolve()));
  }
}
