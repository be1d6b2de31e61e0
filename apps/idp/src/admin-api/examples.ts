import type { AccountSummary, Ban } from '@portcullis/contracts';

/** What the OpenAPI document shows: one story, told through all answers. */
export const accountId = '8c0a9f0e-2f5e-4b8e-9a55-1f2d3c4b5a69';
export const adminId = '4d2b7c1a-9f3e-4c6d-8b7a-0e1f2a3b4c5d';

export const account: AccountSummary = {
  id: accountId,
  email: 'bob@example.com',
  name: 'Bob',
  roles: [],
  status: 'banned',
  createdAt: '2026-01-15T09:30:00.000Z',
};

export const ban: Ban = {
  id: 'b5a3c9d2-7e1f-4a8b-9c6d-5e4f3a2b1c0d',
  account: { id: accountId, email: 'bob@example.com', name: 'Bob' },
  clientIds: null,
  reason: 'Sells followers, third report.',
  message: 'Your account was closed for spam. Write to support@example.com.',
  bannedAt: '2026-11-22T10:00:00.000Z',
  bannedBy: adminId,
  bannedByName: 'Ada',
  until: null,
  liftedAt: null,
  liftedBy: null,
  liftedByName: null,
  state: 'in_force',
};

export const session = {
  id: 'hX3kR0vQmZy8tJw2nLb5s',
  createdAt: '2026-11-22T08:12:00.000Z',
  lastUsedAt: '2026-11-22T09:58:31.000Z',
  expiresAt: '2026-12-06T08:12:00.000Z',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
  address: '203.0.113.7',
  place: 'Bristol, United Kingdom',
  applications: ['Forum', 'Shop'],
};

export const auditEvent = {
  id: '0f9e8d7c-6b5a-4f3e-8d2c-1b0a9f8e7d6c',
  at: '2026-11-22T10:00:00.000Z',
  actor: { id: adminId, name: 'Ada' },
  action: 'ban.created',
  account: { id: accountId, email: 'bob@example.com' },
  clientId: null,
  detail: { ban: ban.id, reason: ban.reason, until: null, clientIds: null },
  place: null,
};

export const published = { delivery: 'published' } as const;
