import { text } from 'node:stream/consumers';
import argon2 from 'argon2';
import { Redis } from 'ioredis';
import { exportJWK, generateKeyPair } from 'jose';
import {
  Provider,
  type ClientMetadata,
  type Configuration,
  type Grant,
  type JWK,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import type { Context } from 'koa';
import {
  accessTokenSeconds,
  accountCount,
  argon2Options,
  emailOf,
  password,
  redirectUri,
  resource,
  serviceClient,
  webClient,
} from './contestants.ts';
import { createPeerAdapter } from './peer-adapter.ts';

/**
 * The yardstick, a process of its own: oidc-provider as it comes, a plain Redis adapter, accounts in memory, nothing
 * durable, no audit, no throttling. Seen from the client it does what ours does: code flow with PKCE, one sign-in for
 * all, ES256 access tokens for the resource, rotation, a password form over argon2id.
 * Arguments: port, Redis URL. It says `listening` to its parent when it is.
 */
const [port, redisUrl] = process.argv.slice(2);
if (!port || !redisUrl) throw new Error('usage: peer.ts <port> <redis-url>');

const redis = new Redis(redisUrl);
const issuer = `http://localhost:${port}`;
const passwordHash = await argon2.hash(password, { type: argon2.argon2id, ...argon2Options });
const accountIds = new Set(Array.from({ length: accountCount }, (_, index) => emailOf(index)));

const provider = new Provider(issuer, {
  adapter: createPeerAdapter(redis),
  clients: [
    client(webClient, { grant_types: ['authorization_code', 'refresh_token'], redirect_uris: [redirectUri] }),
    client(serviceClient, { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }),
  ],
  jwks: { keys: [await signingKey('ES256'), await signingKey('RS256')] },
  cookies: { keys: ['a bench cookie key of at least 32 characters'] },
  responseTypes: ['code'],
  scopes: ['openid', 'offline_access', 'family'],
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: (_ctx, asking) => asking.grantTypeAllowed('refresh_token'),
  interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
  ttl: { Session: 86_400, Grant: 1_209_600, RefreshToken: 1_209_600, IdToken: 300, Interaction: 600 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'family',
        audience: resource,
        accessTokenTTL: accessTokenSeconds,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  findAccount: (_ctx, sub) =>
    accountIds.has(sub)
      ? { accountId: sub, claims: () => ({ sub, email: sub, email_verified: true, name: 'A person of the bench' }) }
      : undefined,
  loadExistingGrant: grantForOwnApplication,
} satisfies Configuration);

provider.on('server_error', (_ctx, error) => console.error(error));
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/sign-in/')) return next();
  if (ctx.method === 'POST') return signIn(ctx);
  const { uid } = await provider.interactionDetails(ctx.req, ctx.res);
  ctx.type = 'html';
  ctx.body = signInPage(uid);
});
provider.listen(Number(port), '127.0.0.1', () => process.send?.('listening'));
process.once('SIGTERM', () => process.exit(0));

async function signIn(ctx: Context): Promise<void> {
  const form = new URLSearchParams(await text(ctx.req));
  const email = form.get('email') ?? '';
  const matches = await argon2.verify(passwordHash, form.get('password') ?? '');
  if (!matches || !accountIds.has(email)) {
    ctx.status = 401;
    ctx.body = 'Wrong email or password';
    return;
  }
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: email } });
  ctx.respond = false;
}

/** Both clients are the family's own, so nobody is asked for consent: the usual recipe from the documentation. */
async function grantForOwnApplication(ctx: KoaContextWithOIDC): Promise<Grant> {
  const { client: asking, session } = ctx.oidc;
  if (!asking || !session?.accountId) throw new Error('no client or no account');
  const existing = session.grantIdFor(asking.clientId);
  const found = existing === undefined ? undefined : await provider.Grant.find(existing);
  if (found) return found;
  const grant = new provider.Grant({ clientId: asking.clientId, accountId: session.accountId });
  grant.addOIDCScope(webClient.scope);
  grant.addResourceScope(resource, 'family');
  await grant.save();
  return grant;
}

function client(
  declared: { id: string; secret: string; scope: string },
  rest: Partial<ClientMetadata>,
): ClientMetadata {
  return {
    client_id: declared.id,
    client_secret: declared.secret,
    scope: declared.scope,
    id_token_signed_response_alg: 'ES256',
    ...rest,
  };
}

async function signingKey(alg: 'ES256' | 'RS256'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: alg, alg, use: 'sig' } as JWK;
}

function signInPage(uid: string): string {
  return `<!doctype html><title>Sign in</title><form method="post" action="/sign-in/${uid}">
<label>Email <input type="email" name="email"></label><label>Password <input type="password" name="password"></label>
<button>Sign in</button></form>`;
}
