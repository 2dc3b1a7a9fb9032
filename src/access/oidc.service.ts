import { Inject, Injectable, ServiceUnavailableException, Logger, NotFoundException } from '@nestjs/common';
import * as oidc from 'openid-client';
import { DataSource } from 'typeorm';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { isLoopback } from '../config/domain/loopback.js';
import { FRESH_MINUTES, SESSION_HOURS } from './domain/session-limits.js';
import { personOfSubject } from './person.repository.js';
import { AccessRefusal } from './refusal.js';

/** Where the provider sends people back to; registered there with the public address before it. */
export const OIDC_CALLBACK = '/api/v1/session/oidc/callback';
const TIMEOUT_SECONDS = 10;

/** What one sign-in has to know again when the person comes back. */
export interface OidcAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** They must prove who they are now, whatever session the provider still has of them. */
  readonly fresh: boolean;
}

/** What we take from an ID token that was found good. */
interface Claims {
  readonly issuer: string;
  readonly subject: string;
  readonly authTime: Date;
  readonly login: unknown;
}

export interface OidcStart {
  readonly location: string;
  readonly attempt: OidcAttempt;
}

/**
 * People signing in at an identity provider: OpenID Connect, authorization code with PKCE, nonce and state. What the
 * provider hands out stays here and is forgotten at once: who it is, is all we ask.
 */
@Injectable()
export class OidcService {
  private readonly logger = new Logger('Access');
  private discovered: Promise<oidc.Configuration> | null = null;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws 404 without a provider, 503 when it can't be reached */
  async start(fresh: boolean): Promise<OidcStart> {
    const provider = await this.provider();
    const attempt = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
      fresh,
    };
    const location = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: this.callbackUrl().href,
      scope: 'openid profile email',
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
      max_age: String(maxAgeSeconds(attempt)),
      ...(fresh ? { prompt: 'login' } : {}),
    });
    return { location: location.href, attempt };
  }

  /**
   * Who came back, and when they proved to the provider who they are.
   * @param query of the request, as it is
   * @throws AccessRefusal when the provider says no, or anything does not fit, or we know nobody by that name
   */
  async finish(query: string, attempt: OidcAttempt): Promise<{ personId: number; authenticatedAt: Date }> {
    const { issuer, subject, authTime, login } = await this.claimsOf(query, attempt);
    const personId = await personOfSubject(this.dataSource, {
      issuer,
      subject,
      login: typeof login === 'string' ? login.toLowerCase() : null,
      now: new Date(),
    });
    if (personId === null)
      throw new AccessRefusal(
        'wrong',
        `The identity provider knows you${typeof login === 'string' ? ` as ${login}` : ''}, but nobody has ` +
          'been given that name here, or they are blocked: ask the operator.',
      );
    return { personId, authenticatedAt: authTime };
  }

  /** The verified ID token's, and the login, for which some providers want to be asked a second time. */
  private async claimsOf(query: string, attempt: OidcAttempt): Promise<Claims> {
    const provider = await this.provider();
    const url = this.callbackUrl();
    url.search = query;
    try {
      const tokens = await oidc.authorizationCodeGrant(provider, url, {
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        pkceCodeVerifier: attempt.verifier,
        maxAge: maxAgeSeconds(attempt),
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      const name = this.config.oidcLoginClaim;
      const login = claims[name] ?? (await userInfo(provider, tokens.access_token, claims.sub))[name];
      // That there is an auth_time, asking for a maximum age has seen to.
      const authTime = new Date(Number(claims.auth_time) * 1000);
      return { issuer: claims.iss, subject: claims.sub, authTime, login };
    } catch (error) {
      // For the log, where somebody can mend the settings; whoever came back learns that it did not work.
      this.logger.warn(`Sign-in at the identity provider failed: ${reasonOf(error)}`);
      throw new AccessRefusal('wrong', 'The sign-in at the identity provider did not work: try again.');
    }
  }

  /** Its description is fetched once, and again after a failure. */
  private async provider(): Promise<oidc.Configuration> {
    if (this.config.oidcIssuer === null)
      throw new NotFoundException('No identity provider is set (GRIDWARDEN_OIDC_ISSUER).');
    this.discovered ??= this.discover(new URL(this.config.oidcIssuer));
    try {
      return await this.discovered;
    } catch (error) {
      this.discovered = null;
      this.logger.error(`The identity provider ${this.config.oidcIssuer}: ${reasonOf(error)}`);
      throw new ServiceUnavailableException('The identity provider can’t be reached: try again later.');
    }
  }

  private discover(issuer: URL): Promise<oidc.Configuration> {
    const { oidcClientId, oidcClientSecret } = this.config;
    // Loaded settings have both or neither; a public client has no secret, and PKCE protects its code.
    const authentication = oidcClientSecret === null ? oidc.None() : oidc.ClientSecretBasic(oidcClientSecret);
    return oidc.discovery(issuer, oidcClientId ?? '', undefined, authentication, {
      timeout: TIMEOUT_SECONDS,
      // Over plain HTTP only where nothing leaves this machine.
      execute: isLoopback(issuer.hostname) ? [oidc.allowInsecureRequests] : [],
    });
  }

  private callbackUrl(): URL {
    return new URL(OIDC_CALLBACK, this.config.publicUrl ?? undefined);
  }
}

async function userInfo(
  provider: oidc.Configuration,
  accessToken: string,
  subject: string,
): Promise<Readonly<Record<string, unknown>>> {
  if (provider.serverMetadata().userinfo_endpoint === undefined) return {};
  return oidc.fetchUserInfo(provider, accessToken, subject);
}

function maxAgeSeconds({ fresh }: Pick<OidcAttempt, 'fresh'>): number {
  return fresh ? FRESH_MINUTES * 60 : SESSION_HOURS * 3600;
}

/** openid-client puts what the provider said into properties, and what went wrong underneath into the cause. */
function reasonOf(error: unknown): string {
  const { message, code, error: said, cause } = error as Error & { code?: string; error?: string };
  const underneath = cause instanceof Error ? cause.message : undefined;
  return [message, code, said, underneath].filter((part) => typeof part === 'string').join('; ');
}
