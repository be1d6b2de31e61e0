import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { readForm } from '@portcullis/http';
import { personOf, type RelyingParty } from '@portcullis/relying-party';
import { type BasketLine, linesOf, totalCents } from '#basket/basket.ts';
import type { BasketCookie } from '#basket/cookie.ts';
import type { Orders } from '#orders/orders.ts';
import type { Show } from '#pages/show.ts';
import { checkoutForm } from './address.ts';
import { checkoutView, type Refused, type Typed } from './views.ts';

type Deps = {
  basket: BasketCookie;
  orders: Pick<Orders, 'place' | 'placedBy'>;
  show: Show;
  rp: Pick<RelyingParty, 'csrf' | 'required'>;
};

export function checkoutRoutes({ basket, orders, show, rp }: Deps): Router {
  const router = new Router();

  router.get('/checkout', rp.required, (ctx) => {
    const lines = linesOf(basket.read(ctx));
    if (lines.length === 0) return ctx.redirect('/basket');
    return showCheckout(ctx, lines, { recipient: personOf(ctx).name });
  });

  router.post('/checkout', rp.required, readForm, rp.csrf.protect, async (ctx) => {
    const person = personOf(ctx);
    const typed = ctx.request.body as Typed;
    const words = show.words(ctx);
    const form = checkoutForm(words).safeParse(typed);
    if (!form.success) {
      const { fieldErrors } = z.flattenError(form.error);
      const { request_id: badId, total_cents: badTotal, ...problems } = fieldErrors;
      const tampered = badId !== undefined || badTotal !== undefined || Object.keys(problems).length === 0;
      return refuse(ctx, badId ? { ...typed, request_id: undefined } : typed, {
        problems,
        ...(tampered && { notice: words.t('checkout.unreadable') }),
      });
    }
    const { request_id: requestId, total_cents: total, ...address } = form.data;
    const lines = linesOf(basket.read(ctx));
    // The first answer may have been lost on the way: its order exists, and the basket is empty already.
    const before = await orders.placedBy(person.sub, requestId);
    if (before === undefined && (lines.length === 0 || totalCents(lines) !== total)) {
      return refuse(ctx, typed, { notice: words.t('checkout.changed') });
    }
    const number = before ?? (await orders.place(person, address, lines, requestId));
    basket.write(ctx, new Map());
    ctx.status = 303;
    return ctx.redirect(`/orders/${number}?placed=1`);
  });

  function refuse(ctx: Context, typed: Typed, refused: Refused): void {
    const lines = linesOf(basket.read(ctx));
    if (lines.length === 0) return ctx.redirect('/basket');
    ctx.status = 422;
    return showCheckout(ctx, lines, typed, refused);
  }

  function showCheckout(ctx: Context, lines: BasketLine[], typed: Typed, refused?: Refused): void {
    const words = show.words(ctx);
    const view = checkoutView(words, lines, show.csrf(ctx), typed, refused);
    show.page(ctx, 'checkout', words.t('checkout.title'), view);
  }

  return router;
}
