import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export interface ReceivedMail {
  readonly to: string[];
  readonly headers: Map<string, string>;
  readonly body: string;
}

/** As much of a mail server (RFC 5321) as a client needs to hand over a mail. */
export class SmtpReceiver {
  readonly mails: ReceivedMail[] = [];
  /** Addresses it has no box for. */
  readonly unknown = new Set<string>();
  refuses = false;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<SmtpReceiver> {
    const server = createServer();
    const receiver = new SmtpReceiver(server);
    server.on('connection', (socket) => void receiver.talk(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.close();
    await once(this.server, 'close');
  }

  private async talk(socket: Socket): Promise<void> {
    const say = (line: string) => socket.write(`${line}\r\n`);
    const to: string[] = [];
    let data: string[] | null = null;
    socket.on('error', () => {});
    say('220 mail.example');
    for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
      if (data !== null) {
        if (line !== '.') {
          data.push(line.replace(/^\./, ''));
          continue;
        }
        if (!this.refuses) this.mails.push(parseMail([...to], data));
        say(this.refuses ? '451 no room just now' : '250 taken');
        data = null;
      } else if (/^(EHLO|HELO|MAIL FROM)/i.test(line)) {
        say('250 mail.example');
      } else if (/^RCPT TO/i.test(line)) {
        const address = /<(.*)>/.exec(line)![1];
        to.push(address);
        say(this.unknown.has(address) ? '550 no such box' : '250 yes');
      } else if (/^DATA/i.test(line)) {
        data = [];
        say('354 go on');
      } else if (/^QUIT/i.test(line)) {
        say('221 bye');
        socket.end();
      } else {
        say('502 not here');
      }
    }
  }
}

function parseMail(to: string[], lines: string[]): ReceivedMail {
  const blank = lines.indexOf('');
  const unfolded = lines
    .slice(0, blank)
    .join('\n')
    .replaceAll(/\n[ \t]/g, ' ');
  const headers = new Map(
    unfolded.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const raw = lines.slice(blank + 1).join('\n');
  const encoding = headers.get('content-transfer-encoding');
  const body =
    encoding === 'base64'
      ? Buffer.from(raw, 'base64').toString('utf8')
      : encoding === 'quoted-printable'
        ? decodeQuotedPrintable(raw)
        : raw;
  return { to, headers, body };
}

function decodeQuotedPrintable(text: string): string {
  const joined = text.replaceAll(/=\n/g, '');
  const bytes = joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
