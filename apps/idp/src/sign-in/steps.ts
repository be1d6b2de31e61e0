import { randomUUID } from 'node:crypto';
import type { Factors } from '#second-factor/service.ts';
import { type Acr, acrOf, type Proof, satisfies } from './assurance.ts';

/** What has been shown in one sign-in, by one account; every proof was checked by us before it was written here. */
export type Attempt = {
  /** Changes with every new beginning: what was shown for one is worth nothing to another. */
  id: string;
  accountId: string;
  proofs: Proof[];
  /** When the first of them was checked. */
  since: Date;
  remember: boolean;
  /** The password was shown not now, but for the session with this uid, which only lacks a factor. */
  carriedFrom?: string | undefined;
  /** Recovery codes that were just made, sealed, until the person has kept them. */
  newCodes?: string | undefined;
};

export function newAttempt(beginning: Omit<Attempt, 'id' | 'newCodes'>): Attempt {
  return { id: randomUUID(), ...beginning };
}

/** How far a sign-in has come. `chosen`: the address of the account that was picked, or '' for another one. */
export type Progress = { chosen?: string | undefined; attempt?: Attempt | undefined };

/** What must be shown; of the account only what is known once there is an attempt. */
export type Policy = {
  chooseAccount: boolean;
  /** Demanded by request, application or role. */
  level: Acr | undefined;
  factors: Factors;
  /** A mailed code may stand in for a second factor where the account has none. */
  emailCodes: boolean;
};

export type Step = 'choose_account' | 'credentials' | 'second_factor' | 'enrol' | 'recovery_codes' | 'done';
export type Method = 'passkey' | 'totp' | 'recovery_code' | 'email_code';
type Enrollable = 'totp' | 'passkey';

/** The one step that may be taken now. */
export function stepOf({ chosen, attempt }: Progress, policy: Policy): Step {
  if (policy.chooseAccount && chosen === undefined && !attempt) return 'choose_account';
  if (!attempt || acrOf(attempt.proofs) === undefined) return 'credentials';
  if (!isEnough(attempt.proofs, policy.level) || !ownFactorShown(attempt.proofs, policy)) {
    if (methodsOf(attempt.proofs, policy).length > 0) return 'second_factor';
    return attempt.carriedFrom === undefined ? 'enrol' : 'credentials'; // nobody gets a new factor for an old password
  }
  return attempt.newCodes === undefined ? 'done' : 'recovery_codes';
}

/** The factors that bring this sign-in further, the best first. Where none reaches the level, each that shows whose account it is. */
export function methodsOf(proofs: Proof[], { level, factors, emailCodes }: Policy): Method[] {
  const own: Method[] = [
    ...(factors.passkeys > 0 ? ['passkey' as const] : []),
    ...(factors.totp ? ['totp' as const] : []),
    ...(factors.recoveryCodes > 0 && hasFactor(factors) ? ['recovery_code' as const] : []),
  ];
  const possible: Method[] = hasFactor(factors) ? own : emailCodes && level !== undefined ? ['email_code'] : [];
  const sufficient = possible.filter((method) => isEnough([...proofs, method], level));
  if (sufficient.length > 0) return sufficient;
  return factorShown(proofs) ? [] : own;
}

/** What the account could add to itself in order to reach the level. */
export function enrollableOf({ level, factors }: Policy): Enrollable[] {
  const authenticator = !factors.totp && isEnough(['password', 'totp'], level);
  return authenticator ? ['passkey', 'totp'] : ['passkey'];
}

function isEnough(proofs: Proof[], level: Acr | undefined): boolean {
  return level === undefined || satisfies(acrOf(proofs), level);
}

/** Whoever has a second factor is asked for it, whatever is demanded; on a trusted device only where something is. */
function ownFactorShown(proofs: Proof[], { factors, level }: Policy): boolean {
  const isTrusted = proofs.includes('trusted_device') && isEnough(['password'], level);
  return isTrusted || !hasFactor(factors) || factorShown(proofs);
}

function hasFactor({ totp, passkeys }: Factors): boolean {
  return totp || passkeys > 0;
}

function factorShown(proofs: Proof[]): boolean {
  return proofs.some((proof) => ['passkey', 'security_key', 'totp', 'recovery_code'].includes(proof));
}
