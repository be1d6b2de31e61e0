import type { Redis } from 'ioredis';
import type { FactorChanges } from '#second-factor/changes.ts';
import type { KeyedHash } from '#second-factor/keyed-hash.ts';
import { createAuthentication } from './authentication.ts';
import { createChallenges } from './challenges.ts';
import { createPasskeyList } from './list.ts';
import { createRegistration } from './registration.ts';

type Deps = {
  issuer: string;
  /** Whose passkey it is, in the words of whoever runs this deployment. */
  productName: string;
  keyedHash: KeyedHash;
  redis: Pick<Redis, 'set' | 'getdel'>;
  factorChanges: Pick<FactorChanges, 'apply' | 'remove'>;
  now: () => Date;
};

export type Passkeys = ReturnType<typeof createPasskeys>;

/**
 * Passkeys (WebAuthn Level 3) of the one origin we have, the issuer's. `binding` names the flow a ceremony belongs to: the
 * uid of the sign-in, or of the session in the account console. Whether somebody may register or remove one just now
 * (signed in recently?) and whether an account may sign in at all (banned?) is the caller's to know.
 */
export function createPasskeys({ issuer, productName, keyedHash, redis, factorChanges, now }: Deps) {
  const site = { origin: issuer, rpId: new URL(issuer).hostname, name: productName };
  const challenges = createChallenges(redis);
  return {
    ...createAuthentication({ site, challenges, now }),
    ...createRegistration({ site, keyedHash, challenges, factorChanges, now }),
    ...createPasskeyList({ factorChanges, now }),
  };
}
