import {
  AccountApplicationsAnswer,
  AccountBansAnswer,
  AccountDetail,
  type AccountsQuery,
  AccountsAnswer,
  AccountSessionsAnswer,
  ActAnswer,
  AuditAnswer,
  Ban,
  BanAnswer,
  BanPreview,
  BansAnswer,
  BulkBanAnswer,
  BulkBanPreview,
  ClientsAnswer,
  LiftAnswer,
  type NewBan,
  DeliveriesAnswer,
  type NewBulkBan,
  type NewWebhook,
  WebhookAnswer,
  WebhooksAnswer,
  Overview,
  Receipts,
  SessionsEndedAnswer,
} from '@portcullis/contracts';
import { z } from 'zod';
import type { Log } from '@portcullis/http';
import { createRequest } from './request.ts';

export type AuditFilters = Partial<
  Record<'action' | 'actor' | 'accountId' | 'clientId' | 'from' | 'to', string | undefined>
>;
type Page = { after?: string | undefined; limit?: number };

export type Operator = ReturnType<ReturnType<typeof createAdminApi>>;

/**
 * The admin API of the identity provider, in the name of the person whose access token is given. Reading throws an
 * AppError when there is nothing to show; an act answers what came of it, or throws StepUpNeeded.
 */
export function createAdminApi({ issuer, log }: { issuer: string; log: Log }) {
  const { read, act, stream } = createRequest({ issuer, log });

  return (token: string) => ({
    overview: () => read(token, Overview, '/overview'),

    accounts: ({ q, status, ...page }: Partial<Pick<AccountsQuery, 'q' | 'status'>> & Page) =>
      read(token, AccountsAnswer, '/accounts', { q, status, ...paged(page) }),
    account: (id: string) => read(token, AccountDetail, account(id)),
    sessions: (id: string) => read(token, AccountSessionsAnswer, account(id, 'sessions')),
    applications: (id: string) => read(token, AccountApplicationsAnswer, account(id, 'applications')),
    activity: (id: string, page: Page) => read(token, AuditAnswer, account(id, 'activity'), paged(page)),
    bansOf: (id: string) => read(token, AccountBansAnswer, account(id, 'bans')),

    endSession: (id: string, sid: string) => act(token, SessionsEndedAnswer, 'DELETE', account(id, 'sessions', sid)),
    endSessions: (id: string) => act(token, SessionsEndedAnswer, 'DELETE', account(id, 'sessions')),
    withdraw: (id: string, clientId: string) => act(token, ActAnswer, 'DELETE', account(id, 'applications', clientId)),
    setRoles: (id: string, roles: string[]) => act(token, ActAnswer, 'PUT', account(id, 'roles'), { roles }),
    deleteAccount: (id: string) => act(token, ActAnswer, 'DELETE', account(id)),

    previewBan: (id: string, clientIds?: string[]) =>
      act(token, BanPreview, 'POST', account(id, 'bans', 'preview'), { clientIds }),
    ban: (id: string, ban: NewBan) => act(token, BanAnswer, 'POST', account(id, 'bans'), ban),
    lift: (id: string) => act(token, LiftAnswer, 'POST', account(id, 'bans', 'lift')),
    previewBulkBan: (accountIds: string[], clientIds?: string[]) =>
      act(token, BulkBanPreview, 'POST', '/bans/bulk/preview', { accountIds, clientIds }),
    bulkBan: (ban: NewBulkBan) => act(token, BulkBanAnswer, 'POST', '/bans/bulk', ban),

    bans: ({ status, ...page }: { status?: string | undefined } & Page) =>
      read(token, BansAnswer, '/bans', { status, ...paged(page) }),
    aBan: (id: string) => read(token, Ban, `/bans/${encodeURIComponent(id)}`),
    receipts: (id: string) => read(token, Receipts, `/bans/${encodeURIComponent(id)}/receipts`),

    audit: (filters: AuditFilters, page: Page) => read(token, AuditAnswer, '/audit', { ...filters, ...paged(page) }),
    exportAudit: (filters: AuditFilters, format: 'csv' | 'ndjson') =>
      stream(token, '/audit/export', { ...filters, format }),

    clients: () => read(token, ClientsAnswer, '/clients'),
    disableClient: (id: string) => act(token, ActAnswer, 'POST', `/clients/${encodeURIComponent(id)}/disable`),
    enableClient: (id: string) => act(token, ActAnswer, 'POST', `/clients/${encodeURIComponent(id)}/enable`),
    webhooks: () => read(token, WebhooksAnswer, '/webhooks'),
    addWebhook: (webhook: NewWebhook) => act(token, WebhookAnswer, 'POST', '/webhooks', webhook),
    removeWebhook: (name: string) => act(token, z.unknown(), 'DELETE', `/webhooks/${encodeURIComponent(name)}`),
    deliveriesTo: (name: string) => read(token, DeliveriesAnswer, `/webhooks/${encodeURIComponent(name)}/deliveries`),
    everyoneBefore: (before: Date) =>
      act(token, ActAnswer, 'POST', '/revocations/everyone', { before: before.toISOString() }),
  });
}

function account(...path: string[]): string {
  return ['/accounts', ...path.map(encodeURIComponent)].join('/');
}

function paged({ after, limit }: Page) {
  return { after, limit: limit === undefined ? undefined : String(limit) };
}
