import type { Verifier } from '@portcullis/resource-server';
import type { Revocation } from '@portcullis/revocation';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import type { ProblemCode } from './problem-words.ts';
import { explained } from './problems.ts';
import type { Strength } from './step-up.ts';
import { whatIsWrong, type Provider } from './provider.ts';

/** What the session cookie holds. Never leaves the server unencrypted. */
export type StoredSession = {
  sub: string;
  sid: string;
  name: string;
  email: string;
  /** What the account is set to (`locale`, OpenID Connect Core 5.1), as the ID token says it; empty: nothing. */
  locale?: string;
  accessToken: string;
  refreshToken: string | null;
};

export type Obtained = { session: StoredSession; revocation: Revocation | undefined };
export type Renewal = { state: 'renewed'; session: StoredSession } | { state: 'refused' };

type Deps = { provider: Provider; verifier: Pick<Verifier, 'verify'>; clientId: string; resource: string };

/** How far the time of a token made just now may lie from our own. */
const freshTokenSeconds = 60;

export type Tokens = ReturnType<typeof createTokens>;

/** Getting tokens from the provider and believing them only after the checks. */
export function createTokens({ provider, verifier, clientId, resource }: Deps) {
  return { exchange, renew, revoke };

  /** Throws an AppError unless everything about the answer is as it should be. */
  async function exchange(
    callback: URL,
    expected: { state: string; nonce: string; codeVerifier: string } & Strength,
  ): Promise<Obtained> {
    const configuration = await provider();
    const response = await oidc
      .authorizationCodeGrant(
        configuration,
        callback,
        {
          expectedState: expected.state,
          expectedNonce: expected.nonce,
          pkceCodeVerifier: expected.codeVerifier,
          idTokenExpected: true,
          ...(expected.maxAgeSeconds !== undefined && { maxAge: expected.maxAgeSeconds }),
        },
        { resource },
      )
      .catch((error: unknown) => {
        throw whatIsWrong(error);
      });
    const claims = response.claims();
    if (!claims || (claims.azp !== undefined && claims.azp !== clientId)) {
      throw explained('token_not_trusted', new Error('no ID token for this client'));
    }
    // Asking again would get the same answer, and go on for ever.
    if (expected.acrValues && !expected.acrValues.includes(text(claims['acr']))) throw explained('sign_in_too_weak');
    // A fresh token that looks old or early means that one of the two clocks is off (F-14).
    if (Math.abs(Date.now() / 1000 - claims.iat) > freshTokenSeconds) {
      throw explained('clock_off', new Error(`the ID token was issued at ${claims.iat}`));
    }
    return believe(response, { sub: claims.sub, sid: text(claims['sid']), name: '', email: '' });
  }

  /** Throws when the provider cannot be asked; a refusal is an answer. */
  async function renew(session: StoredSession): Promise<Renewal> {
    if (session.refreshToken === null) return { state: 'refused' };
    const configuration = await provider();
    try {
      const response = await oidc.refreshTokenGrant(configuration, session.refreshToken, { resource });
      const { session: renewed } = await believe(response, session);
      return { state: 'renewed', session: { ...renewed, refreshToken: renewed.refreshToken ?? session.refreshToken } };
    } catch (error) {
      if (error instanceof oidc.ResponseBodyError && error.error === 'invalid_grant') return { state: 'refused' };
      throw whatIsWrong(error);
    }
  }

  /** So that a copy of the cookie is of no use either. The person need not wait for it, nor know if it fails. */
  async function revoke(session: StoredSession): Promise<void> {
    const configuration = await provider();
    if (!configuration.serverMetadata().revocation_endpoint) return;
    const tokens = [session.refreshToken, session.accessToken].filter((token) => token !== null);
    await Promise.all(tokens.map((token) => oidc.tokenRevocation(configuration, token)));
  }

  async function believe(
    response: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
    known: Pick<StoredSession, 'sub' | 'sid' | 'name' | 'email' | 'locale'>,
  ): Promise<Obtained> {
    const { access_token: accessToken } = response;
    const verified = await verifier.verify(accessToken);
    // 503 and a revocation say nothing against the token itself; whoever uses the session asks again and sees.
    if (!verified.ok && verified.status === 401 && !verified.revocation) {
      throw explained(reasonOf(verified.description), new Error(`access token: ${verified.description}`));
    }
    const token = decodeJwt(accessToken);
    const id = response.claims();
    const sid = text(token['sid']) || known.sid;
    const consistent =
      token.sub === known.sub &&
      token['client_id'] === clientId &&
      (!id || id.sub === known.sub) &&
      (known.sid === '' || sid === known.sid);
    if (!consistent) throw explained('token_not_trusted', new Error('ID token and access token contradict each other'));
    const email = text(id?.['email']) || known.email;
    return {
      session: {
        sub: known.sub,
        sid,
        name: text(id?.['name']) || known.name || email,
        email,
        locale: id ? text(id['locale']) : (known.locale ?? ''),
        accessToken,
        refreshToken: response.refresh_token ?? null,
      },
      revocation: verified.ok ? undefined : verified.revocation,
    };
  }
}

function reasonOf(description: string): ProblemCode {
  return description.includes('clock') || description.includes('expired') ? 'clock_off' : 'token_not_trusted';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
