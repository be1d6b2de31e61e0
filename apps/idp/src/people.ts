import type { MikroORM } from '@mikro-orm/postgresql';
import type { Csrf, Log } from '@portcullis/http';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { composeAccountConsole } from '#account-console/composition.ts';
import { createAccountChanges } from '#accounts/changes.ts';
import { createBreachedPasswords } from '#accounts/breached-passwords.ts';
import type { AccountLookup } from '#accounts/lookup.ts';
import { createPasswordPolicy } from '#accounts/password-policy.ts';
import { createPasswordStrength } from '#accounts/password-strength.ts';
import { createPasswords, hashesAtOnce } from '#accounts/passwords.ts';
import { createAccounts } from '#accounts/service.ts';
import type { AuditLog } from '#audit/service.ts';
import type { Bans } from '#bans/service.ts';
import type { ClientDirectory } from '#clients/directory.ts';
import type { Config } from '#config.ts';
import type { Reader } from '#database/reader.ts';
import { consentRoutes } from '#consent/routes.ts';
import { createConsents } from '#consent/service.ts';
import type { UnitOfWork } from '#database/orm.ts';
import { deviceLetters } from '#devices/letters.ts';
import { createNotMe } from '#devices/not-me.ts';
import { notMeRoutes } from '#devices/routes.ts';
import { createDevices } from '#devices/service.ts';
import { createPost, type Composers } from '#mail/post.ts';
import { openPostOffice } from '#mail/post-office.ts';
import { createMailAllowance } from '#mail/allowance.ts';
import type { Places } from '#places/service.ts';
import type { Interactions } from '#protocol/interactions.ts';
import { createPasskeys } from '#passkeys/service.ts';
import { createThrottle } from '#rate-limit/throttle.ts';
import type { Outbox } from '#revocations/outbox.ts';
import { composeLinks } from '#registration/composition.ts';
import type { Ledger } from '#revocations/service.ts';
import { composeSecondFactors } from '#second-factor/composition.ts';
import { createKeyedHash } from '#second-factor/keyed-hash.ts';
import type { Sessions } from '#sessions/service.ts';
import { composeSignIn } from '#sign-in/compose.ts';
import type { Sealer } from '#signing-keys/sealed.ts';
import type { Pages } from '#views/index.ts';

type Deps = {
  config: Config;
  orm: MikroORM;
  pool: Pool;
  reader: Reader;
  background: Pool;
  outbox: Outbox;
  redis: Redis;
  withEm: UnitOfWork;
  ledger: Ledger;
  sealer: Sealer;
  sessions: Sessions;
  bans: Bans;
  audit: AuditLog;
  lookup: AccountLookup;
  places: Places;
  clients: ClientDirectory;
  interactions: Interactions;
  csrf: Csrf;
  pages: Pages;
  log: Log;
  now: () => Date;
};

/** What people do with their accounts, composed in dependency order: the second half of app.ts, closed with what it answers. */
export function createPeople(deps: Deps) {
  const resources = new AsyncDisposableStack();
  const {
    config,
    orm,
    reader,
    background,
    outbox,
    log,
    redis,
    ledger,
    sealer,
    bans,
    audit,
    lookup,
    places,
    interactions,
    csrf,
    pages,
    withEm,
    now,
  } = deps;

  const post = createPost({ queue: outbox.mail });
  const mailAllowance = createMailAllowance({ redis });
  const throttle = createThrottle({ redis });
  const passwords = createPasswords({ maxInFlight: hashesAtOnce(config.threads) });
  const { breachedPasswordsUrl: url, brand } = config;
  const policy = createPasswordPolicy({
    strength: createPasswordStrength(),
    ...(url && { breached: createBreachedPasswords({ url }) }),
    product: brand.name,
  });
  const accounts = createAccounts({ lookup, passwords, throttle, bans, audit, now });
  const changes = createAccountChanges({ ledger, passwords, policy, post });

  const factors = composeSecondFactors({ config, reader, redis, ledger, sealer, audit, throttle, post, now });

  const { factorChanges } = factors;
  const passkeys = createPasskeys({
    issuer: config.issuer,
    productName: brand.name,
    keyedHash: createKeyedHash(config.encryptionKey),
    redis,
    factorChanges,
    now,
  });

  const devices = createDevices({ reader, post, places, https: config.http.https });

  const links = composeLinks({
    config,
    changes,
    passwords,
    policy,
    throttle,
    post,
    allowance: mailAllowance,
    csrf,
    render: pages.render,
    withEm,
    now,
  });

  const account = resources.use(
    composeAccountConsole({
      ...deps,
      changes,
      post,
      factors,
      passkeys,
      emailChange: links.emailChange,
      onError: (err) => log.warn({ err }, 'accounts that are due could not be deleted, will be tried again'),
    }),
  );

  const composers: Composers = {
    ...factors.letters,
    ...links.letters,
    ...deviceLetters({ issuer: config.issuer, places }),
    ...account.letters,
  };
  const letters = resources.use(openPostOffice({ config, orm, background, queue: outbox.mail, composers, log }));

  const consents = createConsents({ now });

  const routers = [
    consentRoutes({
      familyResource: config.familyResource,
      interactions,
      consents,
      lookup,
      csrf,
      render: pages.render,
      withEm,
    }),
    composeSignIn({
      config,
      redis,
      sealer,
      interactions,
      accounts,
      lookup,
      passkeys,
      ...factors,
      devices,
      csrf,
      render: pages.render,
      withEm,
      now,
    }),
    ...account.routers,
    ...links.routers,
    notMeRoutes({ notMe: createNotMe({ changes, now }), csrf, render: pages.render, withEm }),
  ];
  return {
    routers,
    changes,
    letters,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
