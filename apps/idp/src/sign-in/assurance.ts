/**
 * How sure we are of who it is: the levels that `acr` names (OpenID Connect Core section 2), weakest first, and what a
 * person has to show for each. A stronger level satisfies every demand for a weaker one, never the other way round.
 */
export const acrValues = [
  /** A password, or a device that was trusted once in place of the second factor. */
  'urn:portcullis:acr:password',
  /** A password and a code that was mailed. */
  'urn:portcullis:acr:email-code',
  /** Two factors: a password with an authenticator's code, a recovery code or a security key. */
  'urn:portcullis:acr:mfa',
  /** A passkey that verified its user: nothing that a look-alike site could ask for. */
  'urn:portcullis:acr:phishing-resistant',
] as const;
export type Acr = (typeof acrValues)[number];

/** What a person showed. `security_key`: a passkey that did not verify its user; it says little by itself. */
export type Proof =
  | 'password'
  | 'passkey'
  | 'security_key'
  | 'totp'
  | 'recovery_code'
  | 'email_code'
  | 'trusted_device';

/** RFC 8176. */
const amrOfProof: Record<Proof, string[]> = {
  password: ['pwd'],
  passkey: ['pop', 'user'],
  security_key: ['pop'],
  totp: ['otp'],
  recovery_code: ['otp'],
  email_code: ['otp'],
  trusted_device: [],
};

/** Undefined: not enough for anything. */
export function acrOf(proofs: Proof[]): Acr | undefined {
  const has = (proof: Proof): boolean => proofs.includes(proof);
  if (has('passkey')) return 'urn:portcullis:acr:phishing-resistant';
  if (!has('password')) return undefined;
  if (has('totp') || has('recovery_code') || has('security_key')) return 'urn:portcullis:acr:mfa';
  return has('email_code') ? 'urn:portcullis:acr:email-code' : 'urn:portcullis:acr:password';
}

export function amrOf(proofs: Proof[]): string[] {
  const methods = new Set(proofs.flatMap((proof) => amrOfProof[proof]));
  const factors = acrOf(proofs);
  if (factors !== undefined && satisfies(factors, 'urn:portcullis:acr:email-code')) methods.add('mfa');
  return [...methods];
}

/** Whether `have` is at least `wanted`. A level nobody knows satisfies nothing and is satisfied by nothing. */
export function satisfies(have: string | undefined, wanted: string): boolean {
  const levels: readonly string[] = acrValues;
  return have !== undefined && levels.includes(wanted) && levels.indexOf(have) >= levels.indexOf(wanted);
}
