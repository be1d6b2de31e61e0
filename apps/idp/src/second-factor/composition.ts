import type { Redis } from 'ioredis';
import type { AuditLog } from '#audit/service.ts';
import type { Config } from '#config.ts';
import type { Reader } from '#database/reader.ts';
import type { Post } from '#mail/post.ts';
import { createCounter } from '#rate-limit/counter.ts';
import type { Throttle } from '#rate-limit/throttle.ts';
import type { Ledger } from '#revocations/service.ts';
import type { Sealer } from '#signing-keys/sealed.ts';
import { createFactorChanges } from './changes.ts';
import { createEmailCodes } from './email-codes.ts';
import { createKeyedHash } from './keyed-hash.ts';
import { secondFactorLetters } from './letters.ts';
import { createRecoveryCodes } from './recovery-codes.ts';
import { createSecondFactors } from './service.ts';
import { createTotp } from './totp.ts';
import { createTrustedDevices } from './trusted-devices.ts';

type Deps = {
  config: Pick<Config, 'encryptionKey' | 'issuer'> & {
    brand: Pick<Config['brand'], 'name'>;
    http: Pick<Config['http'], 'https'>;
  };
  reader: Reader;
  redis: Redis;
  ledger: Ledger;
  sealer: Sealer;
  audit: AuditLog;
  throttle: Throttle;
  post: Post;
  now: () => Date;
};

/** Everything of this folder, in dependency order. */
export function composeSecondFactors({ config, reader, redis, ledger, sealer, audit, throttle, post, now }: Deps) {
  const keyedHash = createKeyedHash(config.encryptionKey);
  const allowance = createCounter(redis, {
    name: 'email-code',
    points: 6,
    windowSeconds: 60 * 60,
    growingLock: null,
  });
  const factorChanges = createFactorChanges({ ledger, post, now });
  const totp = createTotp({ sealer, redis, changes: factorChanges, productName: config.brand.name, now });
  const recoveryCodes = createRecoveryCodes({ keyedHash, changes: factorChanges, now });
  const emailCodes = createEmailCodes({ keyedHash, redis, post, allowance });
  const secondFactors = createSecondFactors({ reader, totp, recoveryCodes, emailCodes, throttle, audit, now });
  const trustedDevices = createTrustedDevices({ https: config.http.https, now });
  const letters = secondFactorLetters({ issuer: config.issuer, emailCodes });
  return { factorChanges, totp, recoveryCodes, emailCodes, secondFactors, trustedDevices, letters };
}
