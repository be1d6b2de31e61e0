import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { AppError, readQuery } from '@portcullis/http';
import { wordsOf } from '#i18n/messages.ts';
import { problemMessages } from '#pages/problem-messages.ts';
import { unpacked } from '#accounts/picks.ts';
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
  { label: 'bans.all', status: undefined },
  { label: 'bans.in_force', status: 'in_force' },
  { label: 'bans.over', status: 'ended' },
] as const;
const REFUSALS = {
  cannot_ban_self: 'bans.why_cannot_ban_self',
  actor_cut_off: 'bans.why_actor_cut_off',
  last_admin: 'bans.why_last_admin',
  not_found: 'bans.why_not_found',
} as const;

export function bansRoutes({ operator, show }: { operator: OperatorOf; show: Show }): Router {
  const router = new Router();

  router.get('/bans', async (ctx) => {
    const query = readQuery(ctx);
    const status = FILTERS.find((each) => each.status === query['status'])?.status;
    const { after } = query;
    const words = wordsOf(ctx);
    const { t } = words;
    const answer = await operator(ctx).bans({ status, after, limit: PAGE });
    show.page(ctx, 'bans', t('pages.bans'), {
      filters: FILTERS.map(({ label, status: each }) => ({
        label: t(label),
        href: each ? `/bans?status=${each}` : '/bans',
        current: each === status,
      })),
      bans: answer.bans.map((ban) => banRow(words, ban)),
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
    const words = wordsOf(ctx);
    const { t } = words;
    const api = operator(ctx);
    const [bans, refused, receipts] = await Promise.all([
      Promise.all(ids.map((id) => api.aBan(id))),
      Promise.all(refusedIds.map((id) => api.account(id).catch(unlessMissing))),
      last === undefined ? null : api.receipts(last),
    ]);
    show.page(ctx, 'bansMade', t('bans.banned'), {
      title: t('bans.made', { n: bans.length }),
      bans: bans.map((ban) => banRow(words, ban)),
      refused: refused.map((account, index) => ({
        label: account ? `${account.name} <${account.email}>` : t('pages.deleted_account'),
        href: account ? `/accounts/${account.id}` : '/accounts',
        why: t(REFUSALS[(reasons[index] ?? '') as keyof typeof REFUSALS] ?? 'bans.why_refused'),
      })),
      receipts: receipts && last !== undefined ? receiptsView(words, receipts, `/bans/${last}/receipts`) : null,
    });
  });

  router.get('/bans/:id', async (ctx) => {
    const id = banIdOf(ctx);
    const api = operator(ctx);
    const [ban, receipts] = await Promise.all([api.aBan(id), api.receipts(id)]);
    const words = wordsOf(ctx);
    const row = banRow(words, ban);
    show.page(ctx, 'ban', words.t('bans.ban_of', { name: row.account.label }), {
      ban: row,
      crumbs: [
        { label: words.t('pages.bans'), href: '/bans' },
        { label: row.account.label, href: row.account.href },
      ],
      receipts: receiptsView(words, receipts, `/bans/${id}/receipts`),
    });
  });

  /** The live part alone. */
  router.get('/bans/:id/receipts', async (ctx) => {
    const id = banIdOf(ctx);
    const words = wordsOf(ctx);
    const receipts = receiptsView(words, await operator(ctx).receipts(id), `/bans/${id}/receipts`);
    show.page(ctx, 'receipts', words.t('pages.receipts'), { receipts });
  });

  return router;
}

function banIdOf(ctx: Context): string {
  const id = z.uuid().safeParse(ctx['params'].id);
  if (!id.success) throw new AppError('missing', 'ban_missing', problemMessages.en.ban_missing);
  return id.data;
}

function unlessMissing(error: unknown): null {
  if (error instanceof AppError && error.kind === 'missing') return null;
  throw error;
}
