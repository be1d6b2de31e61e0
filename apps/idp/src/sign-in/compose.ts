import type Router from '@koa/router';
import type { Csrf } from '@portcullis/http';
import type { Redis } from 'ioredis';
import type { AccountLookup } from '#accounts/lookup.ts';
import type { Accounts } from '#accounts/service.ts';
import type { Config } from '#config.ts';
import type { UnitOfWork } from '#database/orm.ts';
import type { Devices } from '#devices/service.ts';
import type { Passkeys } from '#passkeys/service.ts';
import type { Interactions } from '#protocol/interactions.ts';
import { createFamiliarBrowsers } from '#rate-limit/familiar-browsers.ts';
import type { EmailCodes } from '#second-factor/email-codes.ts';
import type { RecoveryCodes } from '#second-factor/recovery-codes.ts';
import type { SecondFactors } from '#second-factor/service.ts';
import type { Totp } from '#second-factor/totp.ts';
import type { TrustedDevices } from '#second-factor/trusted-devices.ts';
import type { Sealer } from '#signing-keys/sealed.ts';
import type { Pages } from '#views/index.ts';
import { createAccountChoice } from './account-choice.ts';
import { createCompletion } from './completion.ts';
import { createCredentialsStep } from './credentials.ts';
import { createDemandOf } from './demand.ts';
import { createDoor } from './door.ts';
import { createEnrolStep } from './enrol.ts';
import { createOwnAddress } from '#link-request/own-address.ts';
import { createKnownAccounts } from './known-accounts.ts';
import { createProgressStore } from './progress.ts';
import { createRefusals } from './refusals.ts';
import { signInRoutes } from './routes.ts';
import { createSecondFactorStep } from './second-factor.ts';
import { createUnderWay } from './under-way.ts';

type Deps = {
  config: Pick<Config, 'secondFactorRoles' | 'emailCodes' | 'http'>;
  redis: Redis;
  sealer: Sealer;
  interactions: Interactions;
  accounts: Accounts;
  lookup: Pick<AccountLookup, 'forTokens'>;
  passkeys: Passkeys;
  secondFactors: SecondFactors;
  totp: Totp;
  recoveryCodes: RecoveryCodes;
  emailCodes: EmailCodes;
  trustedDevices: TrustedDevices;
  devices: Pick<Devices, 'seen'>;
  csrf: Csrf;
  render: Pages['render'];
  withEm: UnitOfWork;
  now: () => Date;
};

/** The state machine of a sign-in, put together. */
export function composeSignIn(deps: Deps): Router {
  const { config, redis, interactions, accounts, lookup, csrf } = deps;
  const knownAccounts = createKnownAccounts(config.http);
  const shared = {
    ...deps,
    progress: createProgressStore(redis),
    refusals: createRefusals(redis),
    knownAccounts,
    familiarBrowsers: createFamiliarBrowsers(config.http),
    ownAddress: createOwnAddress(config.http),
  };
  const underWay = createUnderWay({ ...shared, demandOf: createDemandOf(config), emailCodes: config.emailCodes });
  const door = createDoor({ ...shared, underWay, complete: createCompletion(shared) });
  const emailOf = async (id: string) => (await lookup.forTokens(id))?.email;
  return signInRoutes({
    ...shared,
    interactions,
    csrf,
    door,
    credentials: createCredentialsStep({ ...shared, accounts, door, emailOf }),
    secondFactor: createSecondFactorStep({ ...shared, door }),
    enrol: createEnrolStep({ ...shared, door }),
    accountChoice: createAccountChoice({ ...shared, door }),
  });
}
