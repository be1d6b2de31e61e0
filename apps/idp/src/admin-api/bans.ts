import {
  AccountBansAnswer,
  AccountId,
  Ban,
  BanAnswer,
  BanPreview,
  BanPreviewRequest,
  BansAnswer,
  BansQuery,
  BulkBanAnswer,
  BulkBanPreview,
  BulkBanPreviewRequest,
  type BulkBanResult,
  LiftAnswer,
  NewBan,
  NewBulkBan,
  Receipts,
} from '@portcullis/contracts';
import { z } from 'zod';
import type { BanHistory } from '#bans/history.ts';
import type { BanPreviews } from '#bans/preview.ts';
import type { Bans } from '#bans/service.ts';
import type { AccountSearch } from './account-search.ts';
import type { ClientList } from './client-list.ts';
import { fromCursor, toCursor } from './cursor.ts';
import * as example from './examples.ts';
import type { BanReceipts } from './receipts.ts';
import { route, toAct, toRead, type Route } from './route.ts';

export type BanDeps = {
  bans: Pick<Bans, 'ban' | 'banMany' | 'lift'>;
  banHistory: BanHistory;
  previews: BanPreviews;
  receipts: BanReceipts;
  search: Pick<AccountSearch, 'existing'>;
  clients: Pick<ClientList, 'knows'>;
};

const params = z.strictObject({ id: AccountId });
const ofBan = z.strictObject({ id: z.uuid() });
const Position = z.tuple([z.iso.datetime(), z.uuid()]);
const banRequest = {
  reason: example.ban.reason,
  message: 'Write to support@example.com.',
  until: '2026-12-31T18:00:00Z',
};
const preview = { sessions: 3, applications: ['Forum', 'Shop'], devices: 2 };

export function banRoutes({ bans, banHistory, previews, receipts, search, clients }: BanDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/accounts/:id/bans',
      need: toRead,
      summary: 'All bans of an account, the newest first',
      params,
      answer: AccountBansAnswer,
      example: { bans: [example.ban] },
      handle: async ({ params: { id } }) => ({ bans: await banHistory.ofAccount(id) }),
    }),
    route({
      method: 'post',
      path: '/accounts/:id/bans/preview',
      need: toRead,
      summary: 'What a ban would end; changes nothing',
      params,
      body: { schema: BanPreviewRequest, example: { clientIds: ['forum'] } },
      answer: BanPreview,
      example: preview,
      refusals: ['not_found', 'unknown_client'],
      handle: async ({ params: { id }, body: { clientIds }, refused }) => {
        if (!(await clients.knows(clientIds))) throw refused('unknown_client');
        const found = await previews.of([id], clientIds);
        if (found.accounts === 0) throw refused('not_found');
        return found;
      },
    }),
    route({
      method: 'post',
      path: '/accounts/:id/bans',
      need: toAct,
      summary: 'Ban an account: everywhere, or from named applications',
      params,
      body: { schema: NewBan, example: banRequest },
      status: 201,
      answer: BanAnswer,
      example: { ban: example.ban, delivery: 'published' },
      refusals: ['not_found', 'unknown_client', 'until_is_past', 'cannot_ban_self', 'last_admin', 'actor_cut_off'],
      handle: async ({ params: { id }, body, actor, em, refused }) => {
        if (!(await search.existing([id])).has(id)) throw refused('not_found');
        if (!(await clients.knows(body.clientIds))) throw refused('unknown_client');
        const result = await bans.ban(em, { accountId: id, actor, ...banOf(body) });
        if (!result.ok) throw refused(result.reason);
        const ban = await banHistory.find(result.ban.id);
        if (!ban) throw refused('not_found');
        return { ban, delivery: result.delivery };
      },
    }),
    route({
      method: 'post',
      path: '/accounts/:id/bans/lift',
      need: toAct,
      summary: 'Lift every ban of an account that is in force; answers when it can sign in',
      params,
      answer: LiftAnswer,
      example: {
        bans: [{ ...example.ban, state: 'lifted', liftedAt: '2026-11-23T09:00:01.000Z', liftedBy: example.adminId }],
        delivery: 'published',
      },
      refusals: ['not_banned'],
      handle: async ({ params: { id }, actor, em, refused }) => {
        const result = await bans.lift(em, { accountId: id, actor });
        if (!result.ok) throw refused(result.reason);
        return { bans: await banHistory.findMany(result.bans.map((ban) => ban.id)), delivery: result.delivery };
      },
    }),
    route({
      method: 'post',
      path: '/bans/bulk/preview',
      need: toRead,
      summary: 'What banning several accounts would end; changes nothing',
      body: { schema: BulkBanPreviewRequest, example: { accountIds: [example.accountId] } },
      answer: BulkBanPreview,
      example: { accounts: 2, ...preview },
      refusals: ['unknown_client'],
      handle: async ({ body: { accountIds, clientIds }, refused }) => {
        if (!(await clients.knows(clientIds))) throw refused('unknown_client');
        return previews.of(accountIds, clientIds);
      },
    }),
    route({
      method: 'post',
      path: '/bans/bulk',
      need: toAct,
      summary: 'Ban several accounts; each succeeds or is refused for itself',
      body: { schema: NewBulkBan, example: { accountIds: [example.accountId, example.adminId], ...banRequest } },
      answer: BulkBanAnswer,
      example: {
        results: [
          { accountId: example.accountId, ok: true, banId: example.ban.id },
          { accountId: example.adminId, ok: false, error: 'cannot_ban_self' },
        ],
        delivery: 'published',
      },
      refusals: ['unknown_client'],
      handle: async ({ body: { accountIds, ...body }, actor, em, refused }) => {
        if (!(await clients.knows(body.clientIds))) throw refused('unknown_client');
        const existing = await search.existing(accountIds);
        const wanted = accountIds.filter((id) => existing.has(id));
        const { results, delivery } = await bans.banMany(em, { accountIds: wanted, actor, ...banOf(body) });
        const byAccount = new Map(results.map((result) => [result.accountId, result]));
        return {
          results: accountIds.map((accountId): BulkBanResult => {
            const result = byAccount.get(accountId);
            if (result?.ok) return { accountId, ok: true, banId: result.banId };
            return { accountId, ok: false, error: result?.reason ?? 'not_found' };
          }),
          delivery,
        };
      },
    }),
    route({
      method: 'get',
      path: '/bans',
      need: toRead,
      summary: 'Bans of all accounts, the newest first',
      query: BansQuery,
      answer: BansAnswer,
      example: { bans: [example.ban], next: null },
      refusals: ['invalid_cursor'],
      handle: async ({ query: { status, after, limit } }) => {
        const from = fromCursor(after, Position);
        const found = await banHistory.list({
          limit: limit + 1,
          ...(status && { status }),
          ...(from && { after: { at: new Date(from[0]), id: from[1] } }),
        });
        const shown = found.slice(0, limit);
        const last = found.length > limit ? shown.at(-1) : undefined;
        return { bans: shown, next: toCursor(last && [last.bannedAt, last.id]) };
      },
    }),
    route({
      method: 'get',
      path: '/bans/:id',
      need: toRead,
      summary: 'One ban',
      params: ofBan,
      answer: Ban,
      example: example.ban,
      refusals: ['not_found'],
      handle: async ({ params: { id }, refused }) => {
        const ban = await banHistory.find(id);
        if (!ban) throw refused('not_found');
        return ban;
      },
    }),
    route({
      method: 'get',
      path: '/bans/:id/receipts',
      need: toRead,
      summary: 'Who enforces a ban, or its lifting, and who has been told',
      params: ofBan,
      answer: Receipts,
      example: {
        publishedAt: '2026-11-22T10:00:00.004Z',
        mirrors: [{ app: 'shop', instance: 'shop-1', state: 'enforced', afterMs: 3, lastSeenMs: 412 }],
        deliveries: [],
        complete: true,
      },
      refusals: ['not_found'],
      handle: async ({ params: { id }, refused }) => {
        const ban = await banHistory.find(id);
        if (!ban) throw refused('not_found');
        return receipts.of(ban.revocationIds);
      },
    }),
  ];
}

function banOf({ reason, message, until, clientIds }: z.output<typeof NewBan>) {
  return {
    reason,
    ...(message !== undefined && { message }),
    ...(until !== undefined && { until: new Date(until) }),
    ...(clientIds !== undefined && { clientIds }),
  };
}
