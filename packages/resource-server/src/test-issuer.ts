import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

export const audience = 'urn:portcullis:family';

type Introspected = { authorization: string | undefined; form: Record<string, string> };

export type KeyPair = { kid: string; publicJwk: JWK; privateKey: CryptoKey };

export async function keyPair(kid: string, alg = 'ES256'): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg }, privateKey };
}

/** An identity provider of the test's own: metadata, keys, and whatever tokens the test wants signed. */
export async function startIssuer() {
  const key = await keyPair('key-1');
  const rsa = await keyPair('rsa-1', 'RS256');
  const state = {
    keys: [key, rsa],
    jwksFetches: 0,
    status: 200,
    issuer: '',
    /** What introspection says, and what it was asked. */
    introspection: { answer: { active: true } as unknown, status: 200, hangs: false, asked: [] as Introspected[] },
  };
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.statusCode = state.status;
    if (request.url === '/jwks') {
      state.jwksFetches += 1;
      response.end(JSON.stringify({ keys: state.keys.map((each) => each.publicJwk) }));
    } else if (request.url === '/introspect') void introspect(request, response);
    else {
      const metadata = { jwks_uri: `${url}/jwks`, introspection_endpoint: `${url}/introspect` };
      response.end(JSON.stringify({ issuer: state.issuer, ...metadata }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  state.issuer = url;

  async function introspect(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization } = request.headers;
    const { answer, status, hangs, asked } = state.introspection;
    asked.push({ authorization, form: Object.fromEntries(new URLSearchParams(await textOf(request))) });
    if (hangs) return;
    response.writeHead(state.status === 200 ? status : state.status).end(JSON.stringify(answer));
  }

  return {
    url,
    state,
    key,
    rsa,
    claims: (over: Record<string, unknown> = {}) => goodClaims(url, over),
    token: (over: Record<string, unknown> = {}, header: Record<string, unknown> = {}, signer = key) =>
      new SignJWT(goodClaims(url, over))
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: signer.kid, ...header })
        .sign(signer.privateKey),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

function goodClaims(issuer: string, over: Record<string, unknown>): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    sub: 'alice',
    aud: audience,
    client_id: 'shop',
    scope: 'openid family',
    iat: now,
    exp: now + 300,
    jti: randomUUID(),
    sid: `${createHash('sha256').update('s').digest('base64url')}.shop`,
    auth_time: now - 60,
    acr: '1',
    roles: ['analyst'],
    ...over,
  };
}
