import { createLog, type Log, type ErrorPage } from '@portcullis/http';
import { createIntrospection, createVerifier, type Verifier } from '@portcullis/resource-server';
import { createMirror, feedSource, redisSource, type Mirror } from '@portcullis/revocation';
import { createHealth, type Health } from './health.ts';
import { plainPage } from './plain-page.ts';
import { createRelyingParty, type RelyingParty } from './relying-party.ts';
import type { SessionLimits } from './session-clock.ts';
import type { Settings } from './settings.ts';

export type Membership = {
  /** Sign-in, app session and sign-out for the pages. */
  rp: RelyingParty;
  /** Token checks for the APIs. */
  verifier: Verifier;
  /** The denylist, asked by both on every request. */
  mirror: Mirror;
  /** Health and metrics of all three. */
  health: Health;
} & AsyncDisposable;

/** All that an application needs in order to be one of the family, made in order and closed together. */
export function joinFamily(o: {
  /** Of the application; its cookies are named after it. */
  name: string;
  settings: Settings;
  log?: Log;
  /** Draws the pages of what goes wrong; plain ones if not said. */
  problemPage?: ErrorPage;
  /** What sign-ins ask for; what the family has in common if not said. */
  scope?: string;
  /** Beyond which its sessions need a new sign-in; none if not said. */
  limits?: SessionLimits;
  /** The audience of its access tokens, if not the one of the settings. */
  resource?: string;
}): Membership {
  const { name, settings, problemPage = plainPage, scope = 'openid profile email family' } = o;
  const { issuer, clientId, clientSecret, baseUrl, redisUrl, cookieKeys, instance, revocations } = settings;
  const { log = createLog({ name, level: settings.logLevel }) } = o;
  const resource = o.resource ?? settings.resource;
  const introspect = createIntrospection({ issuer, clientId, clientSecret: clientSecret.reveal(), log });
  const mirror = createMirror({
    source:
      revocations.from === 'feed'
        ? feedSource({ issuer, clientId, clientSecret })
        : redisSource({ url: revocations.url }),
    app: name,
    instance,
    maxStalenessMs: settings.maxStalenessMs,
    whenStale: settings.whenStale,
    log,
  });
  const verifier = createVerifier({ issuer, audience: resource, mirror, introspect });
  const rp = createRelyingParty({
    issuer,
    clientId,
    clientSecret,
    baseUrl,
    resource,
    ...(redisUrl !== undefined && { redisUrl }),
    mirror,
    introspect,
    verifier,
    log,
    problemPage,
    scope,
    ...(o.limits && { limits: o.limits }),
    cookie: { name: `${name}_session`, keys: cookieKeys },
  });
  return {
    rp,
    verifier,
    mirror,
    health: createHealth({ mirror, verifier }),
    async [Symbol.asyncDispose]() {
      await rp[Symbol.asyncDispose]();
      await mirror[Symbol.asyncDispose]();
    },
  };
}
