import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import type { EmailChange } from '#email-change/service.ts';
import { type Door, fieldsOf, type Person, redirect } from './door.ts';
import type { Notices } from './notices.ts';
import type { Show } from './show.ts';

type Deps = {
  door: Door;
  emailChange: Pick<EmailChange, 'request'>;
  show: Show;
  notices: Notices;
};
const NewEmail = z.strictObject({ email: z.string() });
const here = '/account/email';

export function emailRoutes({ door, emailChange, show, notices }: Deps): Router {
  const router = new Router();

  router.get(
    here,
    door.sensitivePage(async (ctx, _em, person) => emailPage(ctx, person)),
  );

  router.post(
    here,
    door.sensitiveAct(here, async (ctx, em, person) => {
      const { email } = fieldsOf(ctx, NewEmail);
      const { account, words } = person;
      const wanted = { accountId: account.id, email, address: ctx.ip, locale: words.locale };
      const requested = await emailChange.request(em, wanted);
      if (!requested.ok)
        return emailPage(ctx, person, { value: email, error: words.t(`account_security.${requested.reason}`) });
      notices.leave(ctx, 'account.done_email_sent');
      redirect(ctx, '/account');
    }),
  );

  return router;

  function emailPage(ctx: Context, person: Person, email?: { value: string; error: string }): void {
    show(ctx, person, 'account-email', 'account_security.email_title', {
      status: email ? 422 : 200,
      view: { address: person.account.email, email: email ?? { value: '', error: null } },
    });
  }
}
