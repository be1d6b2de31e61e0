/** What the sign-in asks of second factors, whichever they are. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { AuditLog } from '#audit/service.ts';
import type { Reader } from '#database/reader.ts';
import type { FamiliarBrowser } from '#rate-limit/familiar-browsers.ts';
import type { Throttle } from '#rate-limit/throttle.ts';
import type { EmailCodes } from './email-codes.ts';
import type { RecoveryCodes } from './recovery-codes.ts';
import type { Totp } from './totp.ts';

/** Factors that are a code to be typed. */
export type CodeMethod = 'totp' | 'recovery_code' | 'email_code';

/** What an account has set up. Recovery codes are no factor by themselves: they stand in for one that is lost. */
export type Factors = { totp: boolean; passkeys: number; recoveryCodes: number };

export type Guess = {
  accountId: string;
  method: CodeMethod;
  /** As typed. */
  code: string;
  /** The sign-in under way; see EmailCodes. */
  binding: string;
  /** The address the guess comes from. */
  address: string;
  /** See Throttle. */
  browser?: FamiliarBrowser | undefined;
};

export type Verdict =
  | { ok: true }
  | { ok: false; reason: 'wrong_code' }
  | { ok: false; reason: 'throttled'; retryAfterSeconds: number };

type Deps = {
  reader: Reader;
  totp: Pick<Totp, 'verify'>;
  recoveryCodes: Pick<RecoveryCodes, 'use'>;
  emailCodes: Pick<EmailCodes, 'verify'>;
  throttle: Pick<Throttle, 'reserve'>;
  audit: Pick<AuditLog, 'append'>;
  now: () => Date;
};
export type SecondFactors = ReturnType<typeof createSecondFactors>;

export function createSecondFactors({ reader, totp, recoveryCodes, emailCodes, throttle, audit, now }: Deps) {
  return { of, verify };

  async function of(accountId: string): Promise<Factors> {
    const { rows } = await reader.query<Factors>({
      name: 'second-factors',
      text: `select exists (select from totp_authenticator where account_id = a.id) as totp,
                    (select count(*)::int from passkey where account_id = a.id) as passkeys,
                    (select count(*)::int from recovery_code where account_id = a.id) as "recoveryCodes"
             from account a where a.id = $1`,
      values: [accountId],
    });
    return rows[0] ?? { totp: false, passkeys: 0, recoveryCodes: 0 };
  }

  /**
   * For an account whose password was right: the place is reserved before the code is looked at, in the count of that
   * password too. A right code is used up by it, and the account's count starts afresh.
   */
  async function verify(em: EntityManager, { address, browser, ...guess }: Guess): Promise<Verdict> {
    const account = await emailOf(em, guess.accountId);
    const reservation = await throttle.reserve({ account, address, browser, factor: true });
    if (!reservation.ok) return { ...reservation, reason: 'throttled' };
    const right = await test(em, guess).catch(async (error: unknown) => {
      await reservation.untested();
      throw error;
    });
    if (right) {
      await reservation.succeeded();
      return { ok: true };
    }
    const { accountId, method } = guess;
    const detail = { method, address };
    await audit.append({ at: now(), actor: accountId, action: 'factor.refused', accountId, detail });
    return { ok: false, reason: 'wrong_code' };
  }

  function test(em: EntityManager, { method, ...presented }: Pick<Guess, 'accountId' | 'method' | 'code' | 'binding'>) {
    switch (method) {
      case 'totp':
        return totp.verify(em, presented);
      case 'recovery_code':
        return recoveryCodes.use(em, presented);
      case 'email_code':
        return emailCodes.verify(em, presented);
    }
  }

  /** The name under which the account's password is counted. */
  async function emailOf(em: EntityManager, accountId: string): Promise<string> {
    const rows = await em.execute<{ email: string }[]>('select email_normalized as email from account where id = ?', [
      accountId,
    ]);
    return rows[0]?.email ?? accountId;
  }
}
