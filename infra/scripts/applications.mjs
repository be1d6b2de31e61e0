import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/** In this order they take the ports from the base up. */
export const offsets = { idp: 0, shop: 1, forum: 2, dashboard: 3, admin: 4, mail: 5 };
const relyingApps = ['shop', 'forum', 'dashboard', 'admin'];
const resource = 'urn:portcullis:family';
const adminResource = 'urn:portcullis:admin';

export function urlsOf(ports) {
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, `http://localhost:${port}`]));
}

/** What the provider's process, and its command line, find in their environment. */
export function idpEnvironment({ urls, databases, redisUrl, smtpUrl, secrets, trustedHops }) {
  return {
    ISSUER: urls.idp,
    DATABASE_URL: databases.idp,
    REDIS_URL: redisUrl,
    COOKIE_KEYS: secrets.cookieKeys.idp,
    ENCRYPTION_KEY: secrets.encryptionKey,
    TRUSTED_HOPS: String(trustedHops),
    FAMILY_RESOURCE: resource,
    SMTP_URL: smtpUrl,
  };
}

/** `clients apply` replaces `env:NAME` in the declared secrets from its environment. */
export function clientSecretEnvironment(secrets) {
  return Object.fromEntries(
    relyingApps.map((app) => [`${app.toUpperCase()}_CLIENT_SECRET`, secrets.clientSecrets[app]]),
  );
}

/** The relying applications: name, entry point, port, environment. */
export function relyingApplications({ ports, urls, databases, redisUrl, secrets }) {
  return relyingApps.map((app) => ({
    name: app,
    entry: join(root, 'apps', app, 'src', 'main.ts'),
    port: ports[app],
    env: {
      PORT: String(ports[app]),
      BASE_URL: urls[app],
      ISSUER: urls.idp,
      CLIENT_ID: app,
      CLIENT_SECRET: secrets.clientSecrets[app],
      RESOURCE: app === 'admin' ? adminResource : resource,
      COOKIE_KEYS: secrets.cookieKeys[app],
      ...(databases[app] && { DATABASE_URL: databases[app] }),
      REDIS_URL: redisUrl,
      SHOP_URL: urls.shop,
      FORUM_URL: urls.forum,
      DASHBOARD_URL: urls.dashboard,
      TRUSTED_HOPS: '0',
      INSTANCE: `${app}-1`,
    },
  }));
}

/** The demo's client declarations, with the ports that this stack really uses. */
export function writeClients(dataDir, urls) {
  let text = readFileSync(join(root, 'infra', 'demo', 'clients.json'), 'utf8');
  for (const [name, offset] of Object.entries(offsets)) {
    text = text.replaceAll(`http://localhost:${4000 + offset}`, `{${name}}`);
  }
  for (const [name, url] of Object.entries(urls)) text = text.replaceAll(`{${name}}`, url);
  const file = join(dataDir, 'clients.json');
  writeFileSync(file, text);
  return file;
}
