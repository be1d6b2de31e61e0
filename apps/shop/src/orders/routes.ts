import Router from '@koa/router';
import { AppError, readQuery } from '@portcullis/http';
import { personOf, type RelyingParty } from '@portcullis/relying-party';
import type { Show } from '#pages/show.ts';
import { orderMessages } from './messages.ts';
import type { Orders } from './orders.ts';
import { orderView, ordersView } from './views.ts';

type Deps = { orders: Pick<Orders, 'of' | 'find'>; show: Show; rp: Pick<RelyingParty, 'required'> };

const PAGE = 20;

export function orderRoutes({ orders, show, rp }: Deps): Router {
  const router = new Router();

  router.get('/orders', rp.required, async (ctx) => {
    const before = numberIn(readQuery(ctx)['before']);
    const found = await orders.of(personOf(ctx).sub, { before, limit: PAGE + 1 });
    const shown = found.slice(0, PAGE);
    const olderHref = found.length > PAGE ? `/orders?before=${shown.at(-1)?.number}` : null;
    const { t, locale } = show.words(ctx);
    show.page(ctx, 'orders', t('orders.title'), ordersView(locale, shown, olderHref));
  });

  router.get('/orders/:number', rp.required, async (ctx) => {
    const number = numberIn(ctx.params['number']);
    const order = number && (await orders.find(personOf(ctx).sub, number));
    if (!order) throw new AppError('missing', 'order_missing', orderMessages.en.order_missing);
    const { t, locale } = show.words(ctx);
    const title = t('orders.order_number', { number: order.number });
    show.page(ctx, 'order', title, orderView(locale, order, readQuery(ctx)['placed'] === '1'));
  });

  return router;
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
