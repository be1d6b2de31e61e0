/** Callers of the admin API of a test's own node, with tokens signed by the node's keys. */
import { randomUUID } from 'node:crypto';
import { Secret } from '@portcullis/config';
import { encryptionKey, type TestIdp } from '#harness.ts';
import { createJwtSigner } from '#signing-keys/jwt-signer.ts';
import { createSealer } from '#signing-keys/sealed.ts';
import { createSigningKeys } from '#signing-keys/service.ts';

export const audience = 'urn:portcullis:admin';
export type Answer = { status: number; headers: Headers; body: Record<string, unknown> };
export type Caller = (method: string, path: string, body?: unknown) => Promise<Answer>;

export async function startCallers(idp: TestIdp) {
  const keys = createSigningKeys({ sealer: createSealer(new Secret(encryptionKey)) });
  const signer = createJwtSigner({ issuer: idp.issuer, published: () => keys.published(idp.orm.em.fork()) });
  await signer.reload();
  return { token, as, caller, account };

  /** As a sign-in with two factors a minute ago would give it; `claims` change that. */
  function token(claims: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const usual = {
      sub: randomUUID(),
      aud: audience,
      client_id: 'admin',
      scope: 'openid admin',
      exp: now + 300,
      jti: randomUUID(),
      sid: `${randomUUID()}.admin`,
      auth_time: now - 60,
      acr: 'urn:portcullis:acr:mfa',
      roles: [],
    };
    return signer.sign({ ...usual, ...claims }, { typ: 'at+jwt' });
  }

  /** A new account with these roles. */
  async function account(roles: string[] = []): Promise<string> {
    const { id } = await idp.person();
    await idp.sql('update account set roles = ? where id = ?', [`{${roles.join(',')}}`, id]);
    return id;
  }

  /** Somebody who has these roles. */
  async function as(...roles: string[]): Promise<{ id: string; call: Caller }> {
    const id = await account(roles);
    return { id, call: caller(await token({ sub: id, roles })) };
  }

  function caller(jwt: string | undefined): Caller {
    return async (method, path, body) => {
      const response = await fetch(`${idp.origin}/admin-api${path}`, {
        method,
        headers: {
          ...(jwt !== undefined && { authorization: `Bearer ${jwt}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = response.headers.get('content-type')?.startsWith('application/json');
      return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : { text } };
    };
  }
}
export type Callers = Awaited<ReturnType<typeof startCallers>>;
