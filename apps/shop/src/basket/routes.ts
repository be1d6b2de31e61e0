import Router from '@koa/router';
import { z } from 'zod';
import { readForm } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import { requireProduct } from '#catalogue/routes.ts';
import { productPageView } from '#catalogue/views.ts';
import type { Show } from '#pages/show.ts';
import { add, MOST_OF_ONE, set } from './basket.ts';
import type { BasketCookie } from './cookie.ts';
import { basketView, QUANTITY_REFUSED } from './views.ts';

type Deps = { basket: BasketCookie; show: Show; rp: Pick<RelyingParty, 'csrf'> };

const Quantity = z
  .string()
  .trim()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().max(MOST_OF_ONE));
const Addition = z.strictObject({ product: z.string(), quantity: Quantity.pipe(z.int().min(1)) });
const Line = z.strictObject({ quantity: Quantity });

export function basketRoutes({ basket, show, rp }: Deps): Router {
  const router = new Router();

  router.get('/basket', (ctx) => show.page(ctx, 'basket', 'Your basket', basketView(basket.read(ctx), show.csrf(ctx))));

  router.post('/basket', readForm, rp.csrf.protect, (ctx) => {
    const typed = ctx.request.body as Record<string, string>;
    const product = requireProduct(typed['product']);
    const form = Addition.safeParse(typed);
    const change = form.success && add(basket.read(ctx), product, form.data.quantity);
    if (change && change.ok) {
      basket.write(ctx, change.basket);
      ctx.status = 303;
      return ctx.redirect('/basket');
    }
    ctx.status = 422;
    const error = change ? `Your basket holds ${MOST_OF_ONE} of one thing at most.` : QUANTITY_REFUSED;
    const view = productPageView(product, show.csrf(ctx), { value: typed['quantity'] ?? '', error });
    return show.page(ctx, 'product', product.name, view);
  });

  router.post('/basket/:id', readForm, rp.csrf.protect, (ctx) => {
    const typed = ctx.request.body as Record<string, string>;
    const product = requireProduct(ctx.params['id']);
    const form = Line.safeParse(typed);
    const change = form.success && set(basket.read(ctx), product, form.data.quantity);
    if (change && change.ok) {
      basket.write(ctx, change.basket);
      ctx.status = 303;
      return ctx.redirect('/basket');
    }
    ctx.status = 422;
    const refused = { product: product.id, value: typed['quantity'] ?? '' };
    return show.page(ctx, 'basket', 'Your basket', basketView(basket.read(ctx), show.csrf(ctx), refused));
  });

  return router;
}
