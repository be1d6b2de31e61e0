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

/** Everything that may have been shown, under every policy. */
const cases = subsetsOf(proofs).flatMap((shown) =>
  policies.map((policy) => ({ shown, policy, step: stepOf({ attempt: attemptWith(shown) }, policy) })),
);
const factorProofs: Proof[] = ['totp', 'passkey', 'security_key', 'recovery_code'];

test('R-39: whatever was shown, nothing weaker than the demand completes a sign-in', () => {
  const done = cases.filter(({ step }) => step === 'done');
  const tooWeak = done.filter(({ shown, policy: { level } }) => !satisfies(acrOf(shown), level ?? acrValues[0]));

  expect(done.length).toBeGreaterThan(100);
  expect(tooWeak).toEqual([]);
});

test('R-39: where a level is demanded, a device that is remembered adds nothing to what is shown', () => {
  const demanding = cases.filter(({ policy: { level } }) => level !== undefined && level !== acrValues[0]);
  const helped = demanding.filter(({ shown, policy, step }) => {
    const without = shown.filter((proof) => proof !== 'trusted_device');
    return step === 'done' && stepOf({ attempt: attemptWith(without) }, policy) !== 'done';
  });

  expect(helped).toEqual([]);
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
  const enrolling = cases.filter(({ step }) => step === 'enrol');
  const unproved = enrolling.filter(({ shown, policy: { factors } }) => {
    const hasOne = factors.totp || factors.passkeys > 0;
    return hasOne && !shown.some((proof) => factorProofs.includes(proof));
  });
  const carried = enrolling.map(({ shown, policy }) =>
    stepOf({ attempt: { ...attemptWith(shown), carriedFrom: 'a session' } }, policy),
  );

  expect(enrolling.length).toBeGreaterThan(10);
  expect(unproved).toEqual([]);
  expect(new Set(carried)).toEqual(new Set(['credentials']));
});

test('whoever is led to the second factor finds a way to show one', () => {
  const led = cases.filter(({ step }) => step === 'second_factor');

  expect(led.filter(({ shown, policy }) => methodsOf(shown, policy).length === 0)).toEqual([]);
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
  expect(demandOf({})).toBe(undefined);
  expect(demandOf({ acrValues: password })).toBe(undefined);
  expect(demandOf({ acrValues: `${strongest} ${mfa}` })).toBe(mfa);
  expect(demandOf({ acrValues: 'urn:other 0', minimumAcr: email })).toBe(email);
  expect(demandOf({ acrValues: email, minimumAcr: strongest, roles: ['admin'] })).toBe(strongest);
  expect(demandOf({ roles: ['reader', 'admin'] })).toBe(mfa);
});

test('a sign-in that is complete stays so, whatever is shown beside', () => {
  const done = cases.filter(({ step }) => step === 'done');
  const undone = done.flatMap(({ shown, policy }) =>
    proofs.filter((more) => stepOf({ attempt: attemptWith([...new Set([...shown, more])]) }, policy) !== 'done'),
  );

  expect(undone).toEqual([]);
});

function attemptWith(shown: Proof[]) {
  return { id: 'one', accountId: 'somebody', proofs: shown, since: new Date(0), remember: false };
}

function subsetsOf<T>(items: T[]): T[][] {
  return items.reduce<T[][]>((subsets, item) => [...subsets, ...subsets.map((subset) => [...subset, item])], [[]]);
}
