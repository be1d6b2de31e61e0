import { ADMIN_RESOURCE } from '@portcullis/contracts';
import { createCsrf, createKoa, createLog, healthRoutes } from '@portcullis/http';
import type { Context } from 'koa';
import { createPublisher, createReceipts } from '@portcullis/revocation';
import { assets } from '@portcullis/ui';
import { accountClient, switchPath } from '#account-console/client.ts';
import { createAccountLookup } from '#accounts/lookup.ts';
import { adminApiRoutes } from '#admin-api/routes.ts';
import { createAuditLog } from '#audit/service.ts';
import { createBans } from '#bans/service.ts';
import { createClientChanges } from '#clients/changes.ts';
import { createClientDirectory } from '#clients/directory.ts';
import type { Config } from '#config.ts';
import { watchConfiguration } from '#database/configuration-version.ts';
import { storesMayBeAway } from '#database/away.ts';
import { connect, createBackgroundPool, createPool, unitOfWork } from '#database/orm.ts';
import { createReader } from '#database/reader.ts';
import { connectRedis } from '#database/redis.ts';
import { createHealthChecks } from '#health/service.ts';
import { createArtifactEnds } from '#protocol/ends.ts';
import { createProtocol } from '#protocol/provider.ts';
import { startSweep } from '#protocol/sweep.ts';
import { createTokenInspection } from '#protocol/token-inspection.ts';
import { createPeople } from './people.ts';
import { createPlaces } from '#places/service.ts';
import { languageRoutes } from '#i18n/picker.ts';
import { refuseEviction } from '#revocations/eviction.ts';
import { createRevocationLookup } from '#revocations/lookup.ts';
import { startFeed } from '#revocations/feed.ts';
import { startReconciler } from '#revocations/reconciler.ts';
import { createBackchannelLogout } from '#revocations/backchannel-logout.ts';
import { createChannels } from '#revocations/channels.ts';
import { startDeliveries } from '#revocations/deliveries-worker.ts';
import { createDeliveries } from '#revocations/deliveries.ts';
import { createEveryone } from '#revocations/everyone.ts';
import { createOutbox } from '#revocations/outbox.ts';
import { createLedger } from '#revocations/service.ts';
import { createApplications } from '#sessions/applications.ts';
import { createSessions } from '#sessions/service.ts';
import { createJwtSigner } from '#signing-keys/jwt-signer.ts';
import { createSealer } from '#signing-keys/sealed.ts';
import { createSigningKeys } from '#signing-keys/service.ts';
import { brandOf, logoOrigins } from '#views/brand.ts';
import { homeRoutes } from '#views/home.ts';
import { createPages } from '#views/index.ts';
import { createWebhookSender } from '#webhooks/sender.ts';
import { createWebhooks } from '#webhooks/service.ts';

/** The composition root: every long-lived thing is made here, once, in dependency order. */
export async function createApp(config: Config) {
  await using resources = new AsyncDisposableStack(); // if anything below throws, what was opened is closed
  const now = (): Date => new Date();

  const log = createLog({ name: config.instance, level: config.log.level });
  const orm = resources.adopt(connect(config.database), (open) => open.close());
  const pool = resources.adopt(createPool(config.database), (open) => open.end());
  const background = resources.adopt(createBackgroundPool(config.database), (open) => open.end());
  const reader = resources.use(createReader(config.database));
  const redis = resources.adopt(await connectRedis(config.redis), (open) => open.disconnect());
  const withEm = unitOfWork(orm);
  const pages = createPages(brandOf(config.brand));

  await refuseEviction(redis, log);
  const outbox = resources.use(createOutbox({ pool: background, log }));
  const ledger = createLedger({
    orm,
    channels: createChannels({ outbox: outbox.deliveries }),
    publisher: createPublisher(redis),
    pool,
    log,
  });
  resources.use(startReconciler({ ledger }));
  const sessions = createSessions({ pool, ledger });
  const bans = createBans({ ledger, reader, log });

  const lookup = createAccountLookup(reader);
  const places = await createPlaces(config.places);
  const audit = createAuditLog(pool);

  const clients = createClientDirectory(pool, [accountClient(config.issuer, config.brand.name)]);
  const sealer = createSealer(config.encryptionKey);
  const keys = createSigningKeys({ sealer });
  const signer = createJwtSigner({ issuer: config.issuer, published: () => keys.published(orm.em.fork()) });
  const ends = createArtifactEnds({ orm, ledger, sessions });
  const inspection = createTokenInspection({ signer, revocations: createRevocationLookup(pool), ledger });
  const protocol = createProtocol({
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
    views: pages,
    log,
  });
  const { interactions } = protocol;

  await keys.ensure(orm.em.fork());
  const kids = async (): Promise<string[]> => (await keys.published(orm.em.fork())).map(({ kid }) => kid);
  const feed = resources.use(
    startFeed({ issuer: config.issuer, database: config.database, redis, clients, signer, kids, log }),
  );
  const reload = async (): Promise<void> => {
    await clients.reload();
    await protocol.reload();
    await signer.reload();
    await feed.reload();
  };
  const onError = (error: unknown): void => log.warn({ err: error }, 'background work failed, will be tried again');
  resources.use(await watchConfiguration({ pool, reload, onError }));
  resources.use(startSweep({ pool, onError }));
  const senders = {
    backchannel_logout: createBackchannelLogout({ clients, signer }),
    webhook: createWebhookSender({ pool: background, sealer }),
  };
  const deliveries = createDeliveries({ pool: background });
  const sending = resources.use(startDeliveries({ outbox: outbox.deliveries, deliveries, senders, log }));

  const csrf = createCsrf({
    key: config.cookies.keys[0],
    origin: config.issuer,
    sessionOf: (ctx) => (ctx.state as { accountId?: string }).accountId, // known behind the door of the account console
    cookie: { name: config.http.https ? '__Host-portcullis_browser' : 'portcullis_browser', secure: config.http.https },
  });
  const people = resources.use(
    createPeople({
      config,
      orm,
      pool,
      reader,
      background,
      outbox,
      redis,
      withEm,
      ledger,
      sealer,
      sessions,
      bans,
      audit,
      lookup,
      places,
      clients,
      interactions,
      csrf,
      pages,
      log,
      now,
    }),
  );
  const koa = createKoa({
    log,
    trustedHops: config.http.trustedHops,
    keys: config.cookies.keys,
    https: config.http.https,
    errorPage: async (problem, ctx) => pages.problem(problem, ctx, await languageOf(ctx)),
    images: logoOrigins(config.brand),
  });
  koa.once('draining', feed.close);
  const routers = [
    healthRoutes(createHealthChecks({ pool, redis, ledger, deliveries: sending, letters: people.letters })),
    assets(),
    languageRoutes({ issuer: config.issuer }),
    ...people.routers,
    feed.routes,
    adminApiRoutes({
      inspection,
      audience: ADMIN_RESOURCE,
      issuer: config.issuer,
      pool,
      withEm,
      bans,
      sessions,
      places,
      audit,
      changes: people.changes,
      applications: createApplications({ pool, ledger }),
      clientChanges: createClientChanges({ ledger }),
      everyone: createEveryone({ ledger }),
      mirrors: createReceipts(redis),
      deliveries,
      webhooks: createWebhooks({ sealer, outbox: outbox.deliveries }),
    }),
    homeRoutes({
      render: pages.render,
      signedIn,
      alsoSignedIn: async (ctx) => (await interactions.alsoSignedIn(ctx)).map(({ email }) => email),
      applications: () => clients.applications(),
      switchHref: `${switchPath}?to=/`,
      signOutHref: '/session/end',
    }),
  ];
  koa.use(protocol.endpoints); // first: the hot path, and no body parser may run before it
  koa.use(storesMayBeAway());
  for (const router of routers) koa.use(router.routes()).use(router.allowedMethods());

  const owned = resources.move();
  return { koa, orm, log, [Symbol.asyncDispose]: () => owned.disposeAsync() };

  /** Of whoever is signed in, if that can be found out: something has gone wrong already. */
  async function languageOf(ctx: Context) {
    return (await signedIn(ctx).catch(() => undefined))?.locale;
  }

  async function signedIn(ctx: Context) {
    const id = await interactions.signedInAccount(ctx);
    return id === undefined ? undefined : lookup.forTokens(id);
  }
}
