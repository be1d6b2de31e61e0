import type { MikroORM } from '@mikro-orm/postgresql';
import { readForm, type Log } from '@portcullis/http';
import type { Redis } from 'ioredis';
import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import type { KoaContextWithOIDC } from 'oidc-provider';
import Provider from 'oidc-provider';
import type { Pool } from 'pg';
import type { AccountLookup } from '#accounts/lookup.ts';
import type { AuditLog } from '#audit/service.ts';
import type { ClientDirectory } from '#clients/directory.ts';
import type { Config } from '#config.ts';
import type { Reader } from '#database/reader.ts';
import type { SigningKeys } from '#signing-keys/service.ts';
import { jwksMaxAgeSeconds } from '#signing-keys/service.ts';
import { createAdapterFactory } from './adapter.ts';
import { createFindAccount } from './claims.ts';
import { checkHashedSecrets, responseModes } from './client-metadata.ts';
import { configuration } from './configuration.ts';
import type { ArtifactEnds } from './ends.ts';
import { retryAfterSeconds } from './errors.ts';
import { applicationCookie, createInteractions, type Interactions } from './interactions.ts';
import { allowApplication, createProtocolPages, type ProtocolViews, speakToTheEnd } from './pages.ts';
import { createParkedSessions } from './parked-sessions.ts';
import { createPostgresArtifacts } from './postgres-artifacts.ts';
import { createRedisArtifacts } from './redis-artifacts.ts';
import { createLoadExistingGrant } from './grants.ts';
import { createRefreshHandles } from './refresh-handles.ts';
import { nameRefreshTokens } from './refresh-model.ts';
import { keepSessionsInPostgres } from './session-model.ts';
import { createSharedSignOut } from './shared-sign-out.ts';
import { Signer } from './signer.ts';
import { uniqueOnce } from './replay.ts';
import type { TokenInspection } from './token-inspection.ts';

type Deps = {
  config: Config;
  orm: Pick<MikroORM, 'em'>;
  pool: Pool;
  reader: Reader;
  redis: Redis;
  clients: ClientDirectory;
  keys: SigningKeys;
  lookup: Pick<AccountLookup, 'forTokens'>;
  ends: ArtifactEnds;
  inspection: Pick<TokenInspection, 'instead'>;
  audit: Pick<AuditLog, 'append'>;
  views: ProtocolViews;
  log: Log;
};
export type Protocol = {
  /** Reads the signing keys and serves with those from now on; requests under way finish with the old ones. */
  reload(): Promise<void>;
  interactions: Interactions;
  endpoints: Middleware;
};

/**
 * Everything that knows oidc-provider. It takes its keys at construction, so a rotation makes a new instance: all state
 * is in the stores, and the old instance goes when its last request has been answered.
 */
export function createProtocol({
  config,
  orm,
  pool,
  reader,
  redis,
  clients,
  keys,
  lookup,
  ends,
  inspection,
  audit,
  views,
  log,
}: Deps): Protocol {
  const postgres = createPostgresArtifacts({ pool, reader });
  const redisArtifacts = createRedisArtifacts(redis);
  const handles = createRefreshHandles(config.encryptionKey);
  const adapter = createAdapterFactory({ clients, postgres, redis: redisArtifacts, ends, handles });
  const findAccount = createFindAccount(lookup, config.issuer);
  const loadExistingGrant = createLoadExistingGrant(postgres);
  const { https } = config.http;
  const parked = createParkedSessions({ pool, ends, https });
  const lastApplication = (ctx: Pick<Context, 'cookies'>) => {
    const id = ctx.cookies.get(applicationCookie(https).name, { signed: true });
    return (id ? clients.find(id) : undefined) ?? null;
  };
  const sharedSignOut = createSharedSignOut({ parked, ends, lookup, pool });
  const pages = createProtocolPages(views, { lastApplication, sharedSignOut, lookup });

  let current: { provider: Provider; handle: Middleware; keyIds: string } | undefined;
  const provider = (): Provider => {
    if (!current) throw new Error('the protocol has no signing keys yet');
    return current.provider;
  };

  return {
    reload,
    interactions: createInteractions({ provider, clients, parked, audit, https }),
    endpoints,
  };

  async function reload(): Promise<void> {
    const published = await keys.published(orm.em.fork());
    const keyIds = published.map(({ kid, state }) => `${kid} ${state}`).join();
    if (current?.keyIds === keyIds) return;
    const next = build(published.map(({ privateJwk }) => new Signer(privateJwk)));
    current = { provider: next, handle: compose(next.middleware as Middleware[]), keyIds };
  }

  function build(signers: Signer[]): Provider {
    const built = new Provider(
      config.issuer,
      configuration({ config, pages, adapter, findAccount, loadExistingGrant, parked, jwks: { keys: signers } }),
    );
    built.proxy = true; // of a raw request (interactions) it believes the scheme, which the koa around it has set
    built.use(async (ctx, next) => {
      await next();
      const isMetadata = ctx.path.startsWith('/.well-known/');
      if (isMetadata) Object.assign(ctx.body ?? {}, besideTheLibrary);
      if (ctx.status === 200 && (isMetadata || ctx.path === '/jwks'))
        ctx.set('Cache-Control', `public, max-age=${jwksMaxAgeSeconds}`);
      if (ctx.status === 503) ctx.set('Retry-After', String(retryAfterSeconds));
      if (ctx.oidc) await signOutTogether(ctx as unknown as KoaContextWithOIDC);
      if (ctx.oidc) await inspection.instead(ctx as unknown as KoaContextWithOIDC);
      if (ctx.oidc) allowApplication(ctx as unknown as KoaContextWithOIDC);
    });
    checkHashedSecrets(built, clients);
    keepSessionsInPostgres(built, postgres, redisArtifacts);
    nameRefreshTokens(built, handles);
    uniqueOnce(built, redisArtifacts);
    built.on('server_error', (ctx, error) => log.error({ err: error, path: ctx.path }, 'protocol: server error'));
    return built;
  }

  async function signOutTogether(ctx: KoaContextWithOIDC): Promise<void> {
    if (await sharedSignOut.isUnasked(ctx)) await pages.logoutSource(ctx, '');
    await sharedSignOut.answered(ctx);
    speakToTheEnd(ctx);
  }

  /** The library's middleware on our own context: no body parser may run before it. Every URL it makes is the issuer's. */
  async function endpoints(ctx: Context, next: () => Promise<unknown>): Promise<unknown> {
    if (!isOwn(ctx)) return next();
    if (!current) throw new Error('the protocol has no signing keys yet');
    if (ctx.method === 'POST' && repeatedAsGet.has(ctx.path)) return repeatAsGet(ctx);
    ctx.req.headers.host = config.http.host;
    delete ctx.req.headers['x-forwarded-host'];
    return current.handle(ctx, next);
  }
}

/** What discovery has to say that the library does not know or would say otherwise. */
const besideTheLibrary = {
  response_modes_supported: responseModes,
  backchannel_logout_supported: true,
  backchannel_logout_session_supported: true,
};

/** The addresses the library answers; it sees no other request. */
const ownAddresses = {
  GET: /^\/(?:auth(?:\/[\w-]+)?|jwks|me|session\/end(?:\/success)?|\.well-known\/(?:openid-configuration|oauth-authorization-server))$/,
  POST: /^\/(?:auth|token(?:\/(?:revocation|introspection))?|me|request|session\/end(?:\/confirm)?)$/,
};

function isOwn({ method, path }: Context): boolean {
  if (method === 'POST') return ownAddresses.POST.test(path);
  if (method === 'GET' || method === 'HEAD') return ownAddresses.GET.test(path);
  return method === 'OPTIONS' && (ownAddresses.GET.test(path) || ownAddresses.POST.test(path));
}

/**
 * Authorization requests and sign-outs may come by POST (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 2). A cross-site
 * POST brings no SameSite=Lax cookie, hence no session; the redirect that repeats it as a GET does.
 */
const repeatedAsGet = new Set(['/auth', '/session/end']);

async function repeatAsGet(ctx: Context): Promise<void> {
  await readForm(ctx, async () => {
    ctx.status = 303;
    ctx.redirect(`${ctx.path}?${new URLSearchParams(ctx.request.body as Record<string, string>)}`);
  });
}
