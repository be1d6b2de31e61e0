import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { readForm } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import { requireProduct } from '#catalogue/routes.ts';
import { productPageView } from '#catalogue/views.ts';
import type { Show } from '#pages/show.ts';
import { add, MOST_OF_ONE, set } from './basket.ts';
import type { BasketCookie } from './cookie.ts';
import { basketView } from './views.ts';

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

  router.get('/basket', (ctx) => showBasket(ctx));

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
    const { t, locale } = show.words(ctx);
    const error = t(change ? 'basket.too_many' : 'basket.quantity_refused', { most: MOST_OF_ONE });
    const view = productPageView(locale, product, show.csrf(ctx), { value: typed['quantity'] ?? '', error });
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
    return showBasket(ctx, { product: product.id, value: typed['quantity'] ?? '' });
  });

  function showBasket(ctx: Context, refused?: Parameters<typeof basketView>[3]): void {
    const words = show.words(ctx);
    const view = basketView(words, basket.read(ctx), show.csrf(ctx), refused);
    show.page(ctx, 'basket', words.t('basket.title'), view);
  }

  return router;
}
