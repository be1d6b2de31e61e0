import type Router from '@koa/router';
import type { AccountChanges } from '#accounts/changes.ts';
import { createAccountCreation } from '#accounts/creation.ts';
import type { PasswordPolicy } from '#accounts/password-policy.ts';
import type { Passwords } from '#accounts/passwords.ts';
import type { Config } from '#config.ts';
import type { UnitOfWork } from '#database/orm.ts';
import { emailChangeLetters } from '#email-change/letters.ts';
import { emailChangeRoutes } from '#email-change/routes.ts';
import { createEmailChange } from '#email-change/service.ts';
import { createOwnAddress } from '#link-request/own-address.ts';
import { createPendingRequests } from '#link-request/pending.ts';
import { linkRequestRoutes } from '#link-request/routes.ts';
import type { MailAllowance } from '#mail/allowance.ts';
import type { Composers, Post } from '#mail/post.ts';
import type { Csrf } from '@portcullis/http';
import { createFamiliarBrowsers } from '#rate-limit/familiar-browsers.ts';
import type { Throttle } from '#rate-limit/throttle.ts';
import { recoveryLetters } from '#recovery/letters.ts';
import { recoveryRoutes } from '#recovery/routes.ts';
import type { Pages } from '#views/index.ts';
import { registrationLetters } from './letters.ts';
import { registrationRoutes } from './routes.ts';

type Deps = {
  config: Pick<Config, 'issuer' | 'http' | 'brand'>;
  changes: AccountChanges;
  passwords: Pick<Passwords, 'hash'>;
  policy: PasswordPolicy;
  throttle: Pick<Throttle, 'passwordRenewed'>;
  post: Pick<Post, 'send'>;
  allowance: MailAllowance;
  csrf: Csrf;
  render: Pages['render'];
  withEm: UnitOfWork;
  now: () => Date;
};

/** What a link in a letter does: a new account, a new password, another address. */
export function composeLinks({ config, passwords, policy, ...deps }: Deps) {
  const { csrf, render, withEm } = deps;
  const { https } = config.http;
  const registering = createPendingRequests({ name: 'registration', https });
  const recovering = createPendingRequests({ name: 'recovery', https });
  const ownAddress = createOwnAddress({ https });
  const familiarBrowsers = createFamiliarBrowsers({ https });
  const creation = createAccountCreation({ passwords, policy });
  const emailChange = createEmailChange(deps);

  const origin = { issuer: config.issuer, product: config.brand.name };
  const letters: Composers = {
    ...registrationLetters(origin),
    ...recoveryLetters(origin),
    ...emailChangeLetters(origin),
  };
  const register = { path: '/register', letter: 'registration', purpose: 'registration' } as const;
  const reset = { path: '/reset-password', letter: 'password_reset', purpose: 'recovery' } as const;
  const routers: Router[] = [
    linkRequestRoutes({ ...deps, ...register, pending: registering }),
    registrationRoutes({ ...deps, creation, pending: registering, familiarBrowsers, ownAddress }),
    linkRequestRoutes({ ...deps, ...reset, pending: recovering }),
    recoveryRoutes({ ...deps, pending: recovering, familiarBrowsers, ownAddress }),
    emailChangeRoutes({ emailChange, csrf, render, withEm }),
  ];
  return { letters, routers, emailChange };
}
