import Router from '@koa/router';
import { AccountId, AccountStatus } from '@portcullis/contracts';
import { readQuery } from '@portcullis/http';
import { personOf } from '@portcullis/relying-party';
import { wordsOf } from '#i18n/messages.ts';
import type { OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';
import { packed, picked } from './picks.ts';
import { accountsView } from './views.ts';

/** As many as an address can name, so that a bulk ban needs no memory between its pages. */
const PAGE = 50;

export function accountsRoutes({ operator, show }: { operator: OperatorOf; show: Show }): Router {
  const router = new Router();

  router.get('/accounts', async (ctx) => {
    const words = wordsOf(ctx);
    const query = readQuery(ctx);
    const q = query['q']?.trim() || undefined;
    const status = AccountStatus.safeParse(query['status']).data;
    const { after } = query;
    const answer = await operator(ctx).accounts({ q, status, after, limit: PAGE });
    const problem = query['none'] === undefined ? null : words.t('accounts.tick_first');
    const view = accountsView(words, answer, { q, status, after }, personOf(ctx).sub, problem);
    show.page(ctx, 'accounts', words.t('pages.accounts'), view);
  });

  /** From the boxes that are ticked to the page that asks about them. */
  router.get('/accounts/picked', (ctx) => {
    const ids = picked(readQuery(ctx)).filter((id) => AccountId.safeParse(id).success);
    ctx.status = 303;
    ctx.redirect(ids.length === 0 ? '/accounts?none=1' : `/bans/new?accounts=${packed(ids.slice(0, PAGE))}`);
  });

  return router;
}
