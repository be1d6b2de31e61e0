import { expect, test } from 'vitest';
import { AccountsQuery, AuditExportQuery, AuditQuery, BansQuery, NewBan, NewBulkBan, NewRoles } from './index.ts';

const id = '8c0a9f0e-2f5e-4b8e-9a55-1f2d3c4b5a69';

test.each([
  [AccountsQuery, { q: ' ' }],
  [AccountsQuery, { q: 'x'.repeat(321) }],
  [AccountsQuery, { status: 'deleted' }],
  [AccountsQuery, { limit: '0' }],
  [AccountsQuery, { limit: '201' }],
  [AccountsQuery, { after: "'; drop table account" }],
  [AccountsQuery, { orderBy: 'password_hash' }],
  [BansQuery, { status: ['in_force'] }],
  [AuditQuery, { action: 'ban.%' }],
  [AuditQuery, { from: 'yesterday' }],
  [AuditQuery, { from: '2026-11-22T10:00:00' }],
  [AuditQuery, { accountId: '1' }],
  [AuditExportQuery, { format: 'xml' }],
  [NewBan, {}],
  [NewBan, { reason: '' }],
  [NewBan, { reason: 'a\0b' }],
  [NewBan, { reason: '\ud800' }],
  [NewBan, { reason: { $ne: null } }],
  [NewBan, { reason: 'spam', until: '2026-13-01T00:00:00Z' }],
  [NewBan, { reason: 'spam', clientIds: [] }],
  [NewBan, { reason: 'spam', clientIds: ['shop', 'shop'] }],
  [NewBan, { reason: 'spam', bannedBy: 'somebody else' }],
  [NewBulkBan, { reason: 'spam', accountIds: [] }],
  [NewBulkBan, { reason: 'spam', accountIds: [id, id.toUpperCase()] }],
  [NewBulkBan, { reason: 'spam', accountIds: Array.from({ length: 501 }, () => crypto.randomUUID()) }],
  [NewRoles, { roles: ['admin', 'admin'] }],
  [NewRoles, { roles: ['Admin '] }],
  [NewRoles, { roles: 'admin' }],
])('R-64: what is given to the admin API is a closed schema (case %#)', (schema, value) => {
  expect(schema.safeParse(value).success).toBe(false);
});

test('a ban needs no more than a reason, which is kept without the blanks around it', () => {
  expect(NewBan.parse({ reason: ' spam\n' })).toEqual({ reason: 'spam' });
});
