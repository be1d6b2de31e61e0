import { ADMIN_SCOPE } from '@portcullis/contracts';
import { createLog, listen } from '@portcullis/http';
import { joinFamily } from '@portcullis/relying-party';
import { createProblemPage } from '#pages/problem.ts';
import type { Config } from './config.ts';
import { createSite } from './site.ts';

/** The composition root: what lives as long as the process, made once, in dependency order, and closed in reverse. */
export async function createApp(config: Config) {
  await using resources = new AsyncDisposableStack(); // if anything below throws, what was opened is closed

  const log = createLog({ name: 'admin', level: config.logLevel });
  const problemPage = createProblemPage();
  const limits = { idleSeconds: 15 * 60, absoluteSeconds: 12 * 3600 };
  const scope = `openid profile email ${ADMIN_SCOPE}`;
  const membership = resources.use(joinFamily({ name: 'admin', settings: config, log, problemPage, scope, limits }));
  const site = createSite({ config, log, ...membership });
  const server = resources.use(await listen(site, { port: config.port, allowedHosts: [config.host] }));

  const owned = resources.move();
  return { log, server, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
