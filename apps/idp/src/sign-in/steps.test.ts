import fc from 'fast-check';
import { expect, test } from 'vitest';
import { acrOf, acrValues, type Proof, satisfies } from './assurance.ts';
import { createDemandOf } from './demand.ts';
import { methodsOf, type Policy, stepOf } from './steps.ts';

const proofs: Proof[] = [
  'password',
  'passkey',
  'security_key',
  'totp',
  'recovery_code',
  'email_code',
  'trusted_device',
];
const none = { totp: false, passkeys: 0, recoveryCodes: 0 };
const policies: Policy[] = [undefined, ...acrValues].flatMap((level) =>
  [true, false].flatMap((emailCodes) =>
    [
      none,
      { ...none, totp: true },
      { ...none, passkeys: 1 },
      { totp: true, passkeys: 2, recoveryCodes: 9 },
      { ...none, recoveryCodes: 3 },
    ].map((factors) => ({ chooseAccount: false, level, emailCodes, factors })),
  ),
);

test('R-39: whatever was shown, nothing weaker than the demand completes a sign-in, and no remembered device stands in for it', () => {
  let done = 0;
  for (const shown of subsetsOf(proofs))
    for (const policy of policies) {
      const step = stepOf({ attempt: attemptWith(shown) }, policy);
      const [acr, level] = [acrOf(shown), policy.level];
      const isEnough = acr !== undefined && (level === undefined || satisfies(acr, level));
      if (step === 'done') done += 1;
      if (step === 'done') expect(isEnough, `${shown.join()} for ${level}`).toBe(true);
      // What is remembered adds nothing to what is shown, where a level is demanded.
      const without = shown.filter((proof) => proof !== 'trusted_device');
      if (level !== undefined && level !== acrValues[0])
        expect(stepOf({ attempt: attemptWith(without) }, policy) === 'done').toBe(step === 'done');
    }
  expect(done).toBeGreaterThan(100);
});

test('R-39: an account that has a factor is asked for it unless the device is trusted, also where nobody demands it', () => {
  const totp = { ...none, totp: true };
  const policy = { chooseAccount: false, level: undefined, emailCodes: true, factors: totp };
  expect(stepOf({ attempt: attemptWith(['password']) }, policy)).toBe('second_factor');
  expect(stepOf({ attempt: attemptWith(['password', 'email_code']) }, policy)).toBe('second_factor');
  expect(stepOf({ attempt: attemptWith(['password', 'trusted_device']) }, policy)).toBe('done');
  expect(stepOf({ attempt: attemptWith(['password', 'totp']) }, policy)).toBe('done');
  expect(stepOf({ attempt: attemptWith(['passkey']) }, policy)).toBe('done');
});

test('nobody adds a factor to an account that has one without showing that first, nor for a password of an earlier sign-in', () => {
  for (const shown of subsetsOf(proofs))
    for (const policy of policies) {
      const step = stepOf({ attempt: attemptWith(shown) }, policy);
      const { totp, passkeys } = policy.factors;
      if (step === 'enrol' && (totp || passkeys > 0))
        expect(shown.some((proof) => ['totp', 'passkey', 'security_key', 'recovery_code'].includes(proof))).toBe(true);
      if (step === 'enrol')
        expect(stepOf({ attempt: { ...attemptWith(shown), carriedFrom: 'a session' } }, policy)).toBe('credentials');
      if (step === 'second_factor') expect(methodsOf(shown, policy)).not.toEqual([]);
    }
});

test('a mailed code is for accounts without a factor, where policy allows it, and never reaches two factors', () => {
  const policy = (over: Partial<Policy>): Policy => ({
    chooseAccount: false,
    level: 'urn:portcullis:acr:email-code',
    emailCodes: true,
    factors: none,
    ...over,
  });
  expect(methodsOf(['password'], policy({}))).toEqual(['email_code']);
  expect(methodsOf(['password'], policy({ emailCodes: false }))).toEqual([]);
  expect(methodsOf(['password'], policy({ level: 'urn:portcullis:acr:mfa' }))).toEqual([]);
  expect(methodsOf(['password'], policy({ factors: { ...none, totp: true } }))).toEqual(['totp']);
});

test('the strongest demand of request, application and roles counts; levels nobody knows are only wished for', () => {
  const demandOf = createDemandOf({ secondFactorRoles: ['admin'] });
  const [password, email, mfa, strongest] = acrValues;
  const level = (o: Parameters<typeof demandOf>[0]) => demandOf(o).level;
  expect(level({})).toBe(undefined);
  expect(level({ acrValues: password })).toBe(undefined);
  expect(level({ acrValues: `${strongest} ${mfa}` })).toBe(mfa);
  expect(level({ acrValues: 'urn:other 0', minimumAcr: email })).toBe(email);
  expect(level({ acrValues: email, minimumAcr: strongest, roles: ['admin'] })).toBe(strongest);
  expect(level({ roles: ['reader', 'admin'] })).toBe(mfa);
  expect(demandOf({ essential: ['urn:other'] }).impossible).toBe(true);
  expect(demandOf({ essential: ['urn:other', mfa], acrValues: email })).toEqual({ level: mfa, impossible: false });
});

test('more proofs never lead further away', () => {
  const order = ['choose_account', 'credentials', 'second_factor', 'enrol', 'recovery_codes', 'done'];
  fc.assert(
    fc.property(
      fc.subarray(proofs),
      fc.constantFrom(...proofs),
      fc.constantFrom(...policies),
      (shown, more, policy) => {
        const isDone = stepOf({ attempt: attemptWith(shown) }, policy) === 'done';
        const next = stepOf({ attempt: attemptWith([...new Set([...shown, more])]) }, policy);
        expect(order).toContain(next);
        if (isDone) expect(next).toBe('done');
      },
    ),
  );
});

function attemptWith(shown: Proof[]) {
  return { id: 'one', accountId: 'somebody', proofs: shown, since: new Date(0), remember: false };
}

function subsetsOf<T>(items: T[]): T[][] {
  return items.reduce<T[][]>((subsets, item) => [...subsets, ...subsets.map((subset) => [...subset, item])], [[]]);
}
