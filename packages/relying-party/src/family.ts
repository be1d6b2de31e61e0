import type { Log, Problem } from '@portcullis/http';
import { createVerifier, type Verifier } from '@portcullis/resource-server';
import { createMirror, redisSource, type Mirror } from '@portcullis/revocation';
import { createRelyingParty, type RelyingParty } from './relying-party.ts';
import type { Settings } from './settings.ts';

export type Membership = {
  /** Sign-in, app session and sign-out for the pages. */
  rp: RelyingParty;
  /** Token checks for the APIs. */
  verifier: Verifier;
  /** The denylist, asked by both on every request. */
  mirror: Mirror;
} & AsyncDisposable;

/** All that an application needs in order to be one of the family, made in order and closed together. */
export function joinFamily(o: {
  /** Of the application; its cookies are named after it. */
  name: string;
  settings: Settings;
  log: Log;
  problemPage: (problem: Problem) => string;
}): Membership {
  const { name, settings, log, problemPage } = o;
  const { issuer, clientId, clientSecret, baseUrl, resource, redisUrl, cookieKeys, instance } = settings;
  const mirror = createMirror({ source: redisSource({ url: redisUrl }), app: name, instance, log });
  const verifier = createVerifier({ issuer, audience: resource, mirror });
  const rp = createRelyingParty({
    issuer,
    clientId,
    clientSecret,
    baseUrl,
    resource,
    redisUrl,
    mirror,
    verifier,
    log,
    problemPage,
    scope: 'openid profile email family',
    cookie: { name: `${name}_session`, keys: cookieKeys },
  });
  return {
    rp,
    verifier,
    mirror,
    async [Symbol.asyncDispose]() {
      await rp[Symbol.asyncDispose]();
      await mirror[Symbol.asyncDispose]();
    },
  };
}
