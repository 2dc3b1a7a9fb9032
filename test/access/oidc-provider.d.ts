/** The package brings no types; this is as much of it as the tests use. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  interface Account {
    accountId: string;
    claims(): Record<string, unknown>;
  }

  export default class Provider {
    constructor(
      issuer: string,
      configuration: {
        clients: object[];
        claims: Record<string, string[]>;
        pkce: { required(): boolean };
        cookies: { keys: string[] };
        findAccount(context: unknown, subject: string): Account;
      },
    );
    callback(): RequestListener;
  }
}
