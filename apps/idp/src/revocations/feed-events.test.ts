import { causes, type Cause, type Revocation, type Target } from '@portcullis/revocation';
import { describe, expect, test } from 'vitest';
import { claimsOf } from './feed-events.ts';

const issuer = 'https://id.example';
const account: Target = { kind: 'account', sub: 'alice' };
const said = (cause: Cause, target: Target = account) => {
  const entry: Revocation = {
    id: 'r1',
    seq: 7,
    target,
    cause,
    issuedBefore: null,
    recordedAt: 1_790_000_000_900,
    expiresAt: null,
  };
  const claims = claimsOf({ kind: 'revocation', n: 3, at: 12.5, entry }, issuer);
  const events = claims['events'] as Record<string, Record<string, unknown>>;
  const [[name, standard] = []] = Object.entries(events).filter(([key]) => !key.startsWith('urn:'));
  return { claims, entry, own: events['urn:portcullis:event:revocation'], name, standard };
};

test('a revocation is one event token: the ledger entry whole, who it is about, and when it was', () => {
  const { claims, own, entry, standard } = said('password_changed');
  expect(own).toEqual({ n: 3, at: 12.5, entry });
  expect(claims).toMatchObject({
    jti: expect.any(String),
    txn: 'r1',
    toe: 1_790_000_000,
    sub_id: { format: 'iss_sub', iss: issuer, sub: 'alice' },
  });
  expect(standard).toMatchObject({
    event_timestamp: 1_790_000_000,
    initiating_entity: 'user',
    reason_admin: { en: 'password_changed' },
  });
  for (const claim of ['sub', 'exp', 'nonce']) expect(claims).not.toHaveProperty(claim); // nobody takes it for an ID token
});

const caep = 'https://schemas.openid.net/secevent/caep/event-type';
const risc = 'https://schemas.openid.net/secevent/risc/event-type';

describe('of an account, each cause has its word in CAEP or RISC', () => {
  const words: Record<Cause, string> = {
    ban: `${risc}/account-disabled`,
    unban: `${risc}/account-enabled`,
    account_deleted: `${risc}/account-purged`,
    password_changed: `${caep}/credential-change`,
    factor_changed: `${caep}/credential-change`,
    roles_changed: `${caep}/token-claims-change`,
    sign_out: `${caep}/session-revoked`,
    session_ended: `${caep}/session-revoked`,
    consent_withdrawn: `${caep}/session-revoked`,
    refresh_reuse: `${caep}/session-revoked`,
    code_reuse: `${caep}/session-revoked`,
    client_disabled: `${caep}/session-revoked`,
    secret_revoked: `${caep}/session-revoked`,
    token_revoked: `${caep}/session-revoked`,
    everyone_before: `${caep}/session-revoked`,
  };
  test.each(causes)('%s', (cause) => expect(said(cause).name).toBe(words[cause]));
});

test('what CAEP requires of an event is in it', () => {
  expect(said('password_changed').standard).toMatchObject({ credential_type: 'password', change_type: 'update' });
  expect(said('factor_changed').standard).toMatchObject({ credential_type: 'second-factor', change_type: 'update' });
  expect(said('roles_changed').standard).toHaveProperty('claims.roles');
});

describe('whatever is not a whole account ends sessions, and names whose', () => {
  const subjects: [Target, object][] = [
    [
      { kind: 'account-at-client', sub: 'alice', clientId: 'shop' },
      {
        format: 'complex',
        user: { format: 'iss_sub', iss: issuer, sub: 'alice' },
        application: { format: 'opaque', id: 'shop' },
      },
    ],
    [
      { kind: 'session', sid: 's.1' },
      { format: 'complex', session: { format: 'opaque', id: 's.1' } },
    ],
    [
      { kind: 'client', clientId: 'shop' },
      { format: 'complex', application: { format: 'opaque', id: 'shop' } },
    ],
    [
      { kind: 'token', jti: 'j' },
      { format: 'jwt_id', iss: issuer, jti: 'j' },
    ],
    [{ kind: 'everyone' }, { format: 'complex', tenant: { format: 'uri', uri: issuer } }],
  ];
  test.each(subjects)('%o', (target, subject) => {
    const { claims, name } = said('ban', target);
    expect([claims['sub_id'], name]).toEqual([subject, `${caep}/session-revoked`]);
    expect(said('unban', target).name).toBeUndefined(); // no account is enabled by it, and no session comes back
  });
});
