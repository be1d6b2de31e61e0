import Router from '@koa/router';
import { ANALYST, FAMILY_SCOPE, ListingQuery, Order, type OrdersAnswer } from '@portcullis/contracts';
import { AppError, readQuery } from '@portcullis/http';
import { type AccessToken, createGuard, type Verifier } from '@portcullis/resource-server';
import type { Orders } from '#orders/orders.ts';

type Deps = { orders: Pick<Orders, 'of' | 'ofEveryone'>; verifier: Pick<Verifier, 'verify'> };

/** The shop as a resource server: any application of the family may ask, with the token of the person it asks for. */
export function orderApi({ orders, verifier }: Deps): Router {
  const router = new Router();

  router.get('/api/orders', createGuard(verifier).koa({ scopes: [FAMILY_SCOPE] }), async (ctx) => {
    const token = ctx.state['token'] as AccessToken;
    const query = ListingQuery.safeParse(readQuery(ctx));
    if (!query.success) throw new AppError('invalid', 'invalid_query', 'This query is not understood.');
    const { all, ...page } = query.data;
    if (all && !token.roles.includes(ANALYST)) {
      throw new AppError('forbidden', 'role_required', `Everyone's orders are for the role ${ANALYST}.`);
    }
    const found = all ? await orders.ofEveryone(page) : await orders.of(token.sub, page);
    const next = found.length === page.limit ? (found.at(-1)?.number ?? null) : null;
    ctx.body = { orders: found.map((order) => Order.parse(order)), next } satisfies OrdersAnswer; // the contract has no address: parse leaves it out
  });

  return router;
}
