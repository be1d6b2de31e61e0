import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { accessTokenSeconds, resource, webClient } from './contestants.ts';

export type Issuer = { url: string; jwks: URL; sign: (jti?: string) => Promise<string> } & AsyncDisposable;

/** Discovery, keys and access tokens of the form ours have: all a verifier wants of an identity provider. */
export async function startIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const key = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' };
  const server = createServer((req, res) => {
    const keys = { keys: [key] };
    const metadata = { issuer: url, jwks_uri: `${url}/jwks` };
    res.setHeader('content-type', 'application/json').end(JSON.stringify(req.url === '/jwks' ? keys : metadata));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    jwks: new URL(`${url}/jwks`),
    sign,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };

  /** Good for an hour, so that no round outlives its tokens. */
  function sign(jti: string = randomUUID()): Promise<string> {
    const issuedAt = Math.floor(Date.now() / 1_000);
    const claims = {
      client_id: webClient.id,
      scope: webClient.scope,
      sid: `${randomUUID()}.${randomUUID()}`,
      auth_time: issuedAt,
      acr: 'urn:portcullis:password',
      roles: [],
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.kid })
      .setIssuer(url)
      .setSubject(randomUUID())
      .setAudience(resource)
      .setJti(jti)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + 12 * accessTokenSeconds)
      .sign(privateKey);
  }
}
