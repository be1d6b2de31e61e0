import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { AppError, readQuery } from '@portcullis/http';
import { unpacked } from '#accounts/picks.ts';
import { counted } from '#pages/count.ts';
import { type Keyset, keyset } from '#pages/keyset.ts';
import type { OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';
import { type BanRow, banRow } from './ban-row.ts';
import { type ReceiptsView, receiptsView } from './receipts.ts';

export type BansView = {
  filters: { label: string; href: string; current: boolean }[];
  bans: BanRow[];
  pages: Keyset | null;
};
export type BanView = {
  ban: BanRow;
  crumbs: { label: string; href: string }[];
  receipts: ReceiptsView;
};
export type BansMadeView = {
  title: string;
  bans: BanRow[];
  refused: { label: string; href: string; why: string }[];
  receipts: ReceiptsView | null;
};

const PAGE = 50;
const FILTERS = [
  { label: 'All', status: undefined },
  { label: 'In force', status: 'in_force' },
  { label: 'Over', status: 'ended' },
];
const REFUSALS: Record<string, string> = {
  cannot_ban_self: 'nobody can ban themselves',
  actor_cut_off: 'you are not an administrator any more',
  last_admin: 'the last administrator',
  not_found: 'no such account any more',
};

export function bansRoutes({ operator, show }: { operator: OperatorOf; show: Show }): Router {
  const router = new Router();

  router.get('/bans', async (ctx) => {
    const query = readQuery(ctx);
    const status = FILTERS.find((each) => each.status === query['status'])?.status;
    const { after } = query;
    const answer = await operator(ctx).bans({ status, after, limit: PAGE });
    show.page(ctx, 'bans', 'Bans', {
      filters: FILTERS.map(({ label, status: each }) => ({
        label,
        href: each ? `/bans?status=${each}` : '/bans',
        current: each === status,
      })),
      bans: answer.bans.map(banRow),
      pages: keyset('/bans', { status }, { after, next: answer.next }),
    });
  });

  /** Where a bulk ban leads to. Verifiers apply bans in order, so the last one's receipts speak for them all. */
  router.get('/bans/made', async (ctx) => {
    const query = readQuery(ctx);
    const ids = unpacked(query['bans'] ?? '');
    const refusedIds = unpacked(query['refused'] ?? '');
    const reasons = (query['why'] ?? '').split('.');
    const last = ids.at(-1);
    const api = operator(ctx);
    const [bans, refused, receipts] = await Promise.all([
      Promise.all(ids.map((id) => api.aBan(id))),
      Promise.all(refusedIds.map((id) => api.account(id).catch(unlessMissing))),
      last === undefined ? null : api.receipts(last),
    ]);
    show.page(ctx, 'bansMade', 'Banned', {
      title: `${counted(bans.length, 'account')} banned`,
      bans: bans.map(banRow),
      refused: refused.map((account, index) => ({
        label: account ? `${account.name} <${account.email}>` : 'a deleted account',
        href: account ? `/accounts/${account.id}` : '/accounts',
        why: REFUSALS[reasons[index] ?? ''] ?? 'refused',
      })),
      receipts: receipts && last !== undefined ? receiptsView(receipts, `/bans/${last}/receipts`) : null,
    });
  });

  router.get('/bans/:id', async (ctx) => {
    const id = banIdOf(ctx);
    const api = operator(ctx);
    const [ban, receipts] = await Promise.all([api.aBan(id), api.receipts(id)]);
    const row = banRow(ban);
    show.page(ctx, 'ban', `Ban of ${row.account.label}`, {
      ban: row,
      crumbs: [
        { label: 'Bans', href: '/bans' },
        { label: row.account.label, href: row.account.href },
      ],
      receipts: receiptsView(receipts, `/bans/${id}/receipts`),
    });
  });

  /** The live part alone. */
  router.get('/bans/:id/receipts', async (ctx) => {
    const id = banIdOf(ctx);
    const receipts = receiptsView(await operator(ctx).receipts(id), `/bans/${id}/receipts`);
    show.page(ctx, 'receipts', 'Receipts', { receipts });
  });

  return router;
}

function banIdOf(ctx: Context): string {
  const id = z.uuid().safeParse(ctx['params'].id);
  if (!id.success) throw new AppError('missing', 'not_found', 'There is no such ban.');
  return id.data;
}

function unlessMissing(error: unknown): null {
  if (error instanceof AppError && error.kind === 'missing') return null;
  throw error;
}
