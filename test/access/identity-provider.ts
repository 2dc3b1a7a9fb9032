import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** A real identity provider (oidc-provider) of this test's own, with its built-in pages for login and consent. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Names of the accounts by subject; the subject is what one types in as the login there. */
  readonly names: Map<string, string>;
  close(): Promise<void>;
}

export const CLIENT = { id: 'gridwarden', secret: 'a secret of this test alone' };

export async function startIdentityProvider(redirectUri: string): Promise<IdentityProvider> {
  const names = new Map<string, string>();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'] },
    pkce: { required: () => true },
    cookies: { keys: ['a key of this test alone'] },
    findAccount: (_context, subject) => ({
      accountId: subject,
      claims: () => ({ sub: subject, preferred_username: names.get(subject) }),
    }),
  });
  server.on('request', provider.callback());
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { issuer, names, close };
}

/** As much of a browser as signing in takes: cookies by origin, redirects, and the provider's forms. */
export class Browser {
  private readonly cookies = new Map<string, Map<string, string>>();

  cookie(origin: string, name: string): string | undefined {
    return this.jar(origin).get(name);
  }

  setCookie(origin: string, name: string, value: string): void {
    this.jar(origin).set(name, value);
  }

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const { origin } = new URL(url);
    const cookie = [...this.jar(origin)].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...(init.headers as Record<string, string>), cookie },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) this.jar(origin).delete(name);
      else this.setCookie(origin, name, value);
    }
    return response;
  }

  /** Follows redirects from `url`, filling in the provider's forms as `subject`, until `until` is to be opened; its address. */
  async signInAt(url: string, subject: string, until: string): Promise<{ address: string; asked: string[] }> {
    const asked: string[] = [];
    let address = url;
    let init: RequestInit = {};
    for (let steps = 0; steps < 20; steps += 1) {
      const response: Response = await this.fetch(address, init);
      const location = response.headers.get('location');
      if (location !== null) {
        address = new URL(location, address).href;
        init = {};
        if (address.startsWith(until)) return { address, asked };
        continue;
      }
      const page = await response.text();
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
      const action = /action="([^"]+)"/.exec(page)?.[1];
      if (prompt === undefined || action === undefined)
        throw new Error(`${response.status} from ${address}: ${page.slice(0, 500)}`);
      asked.push(prompt);
      address = new URL(action, address).href;
      init = { method: 'POST', body: new URLSearchParams({ prompt, login: subject, password: 'any' }) };
    }
    throw new Error(`no end of redirects, at ${address}`);
  }

  private jar(origin: string): Map<string, string> {
    const jar = this.cookies.get(origin) ?? new Map<string, string>();
    this.cookies.set(origin, jar);
    return jar;
  }
}
