import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** What it was answered; null: the connection was cut. */
  readonly status: number | null;
}

/** A status, or `cut` to break the connection off without an answer. */
export type Answer = number | 'cut';

/** Somebody else's service, which answers as `answer` says. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  answer: (request: { id: string; path: string; count: number }) => Answer = () => 204;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => void receiver.take(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ids of the messages that it took. */
  get taken(): Set<string> {
    return new Set(this.received.filter(({ status }) => status === 204).map(({ id }) => id));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => null);
    if (body === null) return;
    const headers = request.headers as Record<string, string>;
    const id = headers['webhook-id'];
    const answer = this.answer({ id, path: request.url!, count: this.received.length });
    this.received.push({ id, headers, body, status: answer === 'cut' ? null : answer });
    if (answer === 'cut') response.destroy();
    else response.writeHead(answer, { location: 'http://127.0.0.1:1/' }).end();
  }
}
