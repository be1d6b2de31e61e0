import { createLog, listen } from '@portcullis/http';
import { createRelyingParty } from '@portcullis/relying-party';
import { createVerifier } from '@portcullis/resource-server';
import { createMirror } from '@portcullis/revocation';
import { errorPage } from '@portcullis/ui';
import { openDatabase } from '#database/pool.ts';
import type { Config } from './config.ts';
import { createSite } from './site.ts';

/** The composition root: what lives as long as the process, made once, in dependency order, and closed in reverse. */
export async function createApp(config: Config) {
  await using resources = new AsyncDisposableStack(); // if anything below throws, what was opened is closed
  const { client, redisUrl, baseUrl } = config;

  const log = createLog({ name: 'forum', level: config.logLevel });
  const pool = resources.adopt(await openDatabase(config.databaseUrl), (p) => p.end());
  const mirror = resources.use(createMirror({ redisUrl, app: 'forum', instance: config.instance, log }));
  const verifier = createVerifier({ issuer: client.issuer, audience: client.resource, mirror });
  const rp = resources.use(
    createRelyingParty({
      ...client,
      baseUrl,
      scope: 'openid profile email family',
      cookie: { name: 'forum_session', keys: config.cookieKeys },
      mirror,
      redisUrl,
      log,
      problemPage: errorPage('Forum', 'forum'),
      verifier,
    }),
  );
  const site = createSite({ config, log, pool, mirror, verifier, rp });
  const server = resources.use(await listen(site, { port: config.port, allowedHosts: [config.host] }));

  const owned = resources.move();
  return { log, server, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
