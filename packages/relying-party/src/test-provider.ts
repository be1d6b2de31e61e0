import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

export const clientId = 'shop';
export const clientSecret = 'the secret of the shop, long enough';
export const resource = 'urn:portcullis:family';

type Claims = Record<string, unknown>;
type Key = { publicJwk: JWK; privateKey: CryptoKey };

export async function testKey(kid: string, alg = 'ES256'): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg }, privateKey };
}

export type TestProvider = Awaited<ReturnType<typeof startProvider>>;

/** An identity provider that does everything right until a test tells it what to get wrong. */
export async function startProvider() {
  const key = await testKey('key-1');
  const state = {
    keys: [key.publicJwk],
    signedIn: true,
    accessSeconds: 300,
    sub: 'alice',
    sid: 'sso-session.shop',
    roles: ['analyst'] as string[],
    /** When and how the person last proved who they are; asked for something fresher, they do it again at once. */
    authTime: Math.floor(Date.now() / 1000) - 3600,
    acr: 'urn:example:password',
    down: false,
    refreshStatus: 200,
    /** Wrong-doing, one knob for each thing that can be wrong. */
    metadata: (good: Claims): Claims => good,
    answer: (params: URLSearchParams): URLSearchParams => params,
    tokenStatus: null as { status: number; body: Claims } | null,
    idToken: (claims: Claims): Promise<string> => signed(claims),
    accessToken: (claims: Claims): Promise<string> => signed(claims, { typ: 'at+jwt' }),
    refreshGate: Promise.resolve(),
    introspection: { status: 200, active: true, asked: [] as string[] },
    /** What was asked of it. */
    authorized: new URLSearchParams(),
    codesRedeemed: 0,
    refreshes: 0,
    reuses: 0,
    revoked: [] as string[],
    issued: [] as string[],
  };
  const codes = new Map<string, URLSearchParams>();
  const refreshTokens = new Map<string, 'live' | 'used'>();

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    state,
    key,
    signed,
    idClaims,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function signed(claims: Claims, header: Claims = {}, signer = key.privateKey): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'key-1', ...header }).sign(signer);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = new URL(request.url ?? '/', url);
    if (state.down) return void request.socket.destroy();
    if (at.pathname === '/.well-known/openid-configuration') return json(response, 200, state.metadata(metadata()));
    if (at.pathname === '/jwks') return json(response, 200, { keys: state.keys });
    if (at.pathname === '/authorize') return authorize(at.searchParams, response);
    const form = new URLSearchParams(await bodyOf(request));
    if (
      request.headers.authorization !==
      `Basic ${btoa(`${clientId}:${encodeURIComponent(clientSecret).replaceAll('%20', '+')}`)}`
    ) {
      return json(response, 401, { error: 'invalid_client' });
    }
    if (at.pathname === '/revocation') {
      state.revoked.push(form.get('token') ?? '');
      return void response.writeHead(200).end();
    }
    if (at.pathname === '/introspection') {
      state.introspection.asked.push(form.get('token') ?? '');
      return json(response, state.introspection.status, { active: state.introspection.active });
    }
    if (state.tokenStatus) return json(response, state.tokenStatus.status, state.tokenStatus.body);
    return form.get('grant_type') === 'refresh_token' ? refresh(form, response) : redeem(form, response);
  }

  function metadata(): Claims {
    return {
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
      revocation_endpoint: `${url}/revocation`,
      introspection_endpoint: `${url}/introspection`,
      end_session_endpoint: `${url}/session/end`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256', 'RS256'],
      // Not announced, so that whoever checks `iss` does so unasked.
      authorization_response_iss_parameter_supported: false,
    };
  }

  function authorize(asked: URLSearchParams, response: ServerResponse): void {
    state.authorized = asked;
    const now = Math.floor(Date.now() / 1000);
    if (now - state.authTime > Number(asked.get('max_age') ?? Infinity)) state.authTime = now;
    const back = new URL(asked.get('redirect_uri') ?? '');
    const answer = new URLSearchParams({ state: asked.get('state') ?? '', iss: url });
    if (asked.get('prompt') === 'none' && !state.signedIn) answer.set('error', 'login_required');
    else {
      const code = randomUUID();
      codes.set(code, asked);
      answer.set('code', code);
    }
    back.search = state.answer(answer).toString();
    response.writeHead(303, { location: back.href }).end();
  }

  async function redeem(form: URLSearchParams, response: ServerResponse): Promise<void> {
    state.codesRedeemed += 1;
    const asked = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (!asked || asked.get('code_challenge') !== challenge || asked.get('redirect_uri') !== form.get('redirect_uri')) {
      return json(response, 400, { error: 'invalid_grant' });
    }
    return tokens(response, { nonce: asked.get('nonce') });
  }

  async function refresh(form: URLSearchParams, response: ServerResponse): Promise<void> {
    state.refreshes += 1;
    await state.refreshGate;
    if (state.refreshStatus !== 200) return json(response, state.refreshStatus, { error: 'server_error' });
    const token = form.get('refresh_token') ?? '';
    if (refreshTokens.get(token) === 'used') state.reuses += 1;
    if (refreshTokens.get(token) !== 'live') return json(response, 400, { error: 'invalid_grant' });
    refreshTokens.set(token, 'used');
    return tokens(response, {});
  }

  async function tokens(response: ServerResponse, extra: Claims): Promise<void> {
    const refreshToken = randomUUID();
    refreshTokens.set(refreshToken, 'live');
    const accessToken = await state.accessToken(accessClaims());
    state.issued.push(accessToken);
    json(response, 200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: state.accessSeconds,
      refresh_token: refreshToken,
      id_token: await state.idToken({ ...idClaims(), ...extra }),
    });
  }

  function idClaims(): Claims {
    const now = Math.floor(Date.now() / 1000);
    const person = { name: 'Alice Ash', email: 'alice@example.com' };
    const { sub, sid, authTime: auth_time, acr } = state;
    return { iss: url, sub, aud: clientId, iat: now, exp: now + 3600, sid, auth_time, acr, ...person };
  }

  function accessClaims(): Claims {
    const now = Math.floor(Date.now() / 1000);
    const { sub, sid, roles, authTime: auth_time, acr } = state;
    const times = { iat: now, exp: now + state.accessSeconds };
    return {
      iss: url,
      sub,
      aud: resource,
      client_id: clientId,
      scope: 'openid',
      jti: randomUUID(),
      sid,
      roles,
      auth_time,
      acr,
      ...times,
    };
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
