import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { readForm } from '@portcullis/http';
import { personOf, type RelyingParty } from '@portcullis/relying-party';
import { linesOf, totalCents } from '#basket/basket.ts';
import type { BasketCookie } from '#basket/cookie.ts';
import type { Orders } from '#orders/orders.ts';
import type { Show } from '#pages/show.ts';
import { CheckoutForm } from './address.ts';
import { checkoutView, type Typed } from './views.ts';

type Deps = {
  basket: BasketCookie;
  orders: Pick<Orders, 'place' | 'placedBy'>;
  show: Show;
  rp: Pick<RelyingParty, 'csrf' | 'required'>;
};

const CHANGED =
  'Your basket has changed since you opened this page. This is what is in it now: please check and place the order again.';
const UNREADABLE = 'Something in this form was not as we sent it. Please look it over and place the order again.';

export function checkoutRoutes({ basket, orders, show, rp }: Deps): Router {
  const router = new Router();

  router.get('/checkout', rp.required, (ctx) => {
    const lines = linesOf(basket.read(ctx));
    if (lines.length === 0) return ctx.redirect('/basket');
    const typed = { recipient: personOf(ctx).name };
    return show.page(ctx, 'checkout', 'Check out', checkoutView(lines, show.csrf(ctx), typed));
  });

  router.post('/checkout', rp.required, readForm, rp.csrf.protect, async (ctx) => {
    const person = personOf(ctx);
    const typed = ctx.request.body as Typed;
    const form = CheckoutForm.safeParse(typed);
    if (!form.success) {
      const { fieldErrors } = z.flattenError(form.error);
      const { request_id: badId, total_cents: badTotal, ...problems } = fieldErrors;
      const tampered = badId !== undefined || badTotal !== undefined || Object.keys(problems).length === 0;
      return refuse(ctx, badId ? { ...typed, request_id: undefined } : typed, {
        problems,
        ...(tampered && { notice: UNREADABLE }),
      });
    }
    const { request_id: requestId, total_cents: total, ...address } = form.data;
    const lines = linesOf(basket.read(ctx));
    // The first answer may have been lost on the way: its order exists, and the basket is empty already.
    const before = await orders.placedBy(person.sub, requestId);
    if (before === undefined && (lines.length === 0 || totalCents(lines) !== total)) {
      return refuse(ctx, typed, { notice: CHANGED });
    }
    const number = before ?? (await orders.place(person, address, lines, requestId));
    basket.write(ctx, new Map());
    ctx.status = 303;
    return ctx.redirect(`/orders/${number}?placed=1`);
  });

  function refuse(ctx: Context, typed: Typed, refused: Parameters<typeof checkoutView>[3]): void {
    const lines = linesOf(basket.read(ctx));
    if (lines.length === 0) return ctx.redirect('/basket');
    ctx.status = 422;
    return show.page(ctx, 'checkout', 'Check out', checkoutView(lines, show.csrf(ctx), typed, refused));
  }

  return router;
}
