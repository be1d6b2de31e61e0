import Router from '@koa/router';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Context } from 'koa';
import { z } from 'zod';
import { deviceName } from '#devices/names.ts';
import type { Passkeys } from '#passkeys/service.ts';
import { passkeyList, passkeyRegistrationForm } from '#passkeys/views.ts';
import { type Door, fieldsOf, missing, type Person, redirect } from './door.ts';
import { acting, type factorRoutes, strongerPassword } from './factor-routes.ts';
import type { Notices } from './notices.ts';
import type { Show } from './show.ts';

type Deps = {
  door: Door;
  passkeys: Passkeys;
  showCodesOfFirstFactor: ReturnType<typeof factorRoutes>['showCodesOfFirstFactor'];
  show: Show;
  notices: Notices;
};
const Nothing = z.strictObject({});
const NewPasskey = z.strictObject({ response: z.string(), name: z.string().default('') });
const NewName = z.strictObject({ name: z.string() });
const here = '/account/security/passkeys';

export function passkeyRoutes({ door, passkeys, showCodesOfFirstFactor, show, notices }: Deps): Router {
  const router = new Router({ prefix: here });

  router.get(
    '/',
    door.sensitivePage(async (ctx, em, person) => passkeysPage(ctx, em, person)),
  );

  router.post(
    '/',
    door.sensitiveAct(here, async (ctx, em, person) => {
      const { t } = person.words;
      const otherwise = t('passkeys.otherwise', { device: deviceName(ctx.get('user-agent'), person.words) });
      const binding = bindingOf(person);
      const added = await passkeys.register(em, {
        ...acting(person),
        ...fieldsOf(ctx, NewPasskey),
        binding,
        otherwise,
      });
      if (!added.ok) return passkeysPage(ctx, em, person, t(`passkeys.${added.reason}`));
      notices.leave(ctx, 'account.done_passkey_added');
      await showCodesOfFirstFactor(ctx, em, person);
    }),
  );

  router.post(
    '/:id/rename',
    door.sensitiveAct(here, async (ctx, em, person) => {
      const renaming = { ...acting(person), passkeyId: String(ctx['params'].id), ...fieldsOf(ctx, NewName) };
      const renamed = await passkeys.rename(em, renaming);
      if (!renamed.ok && renamed.reason === 'not_found') throw missing();
      if (!renamed.ok) return passkeysPage(ctx, em, person, person.words.t(`passkeys.${renamed.reason}`));
      notices.leave(ctx, 'account.done_passkey_renamed');
      redirect(ctx, here);
    }),
  );

  router.post(
    '/:id/remove',
    door.sensitiveAct(here, async (ctx, em, person) => {
      fieldsOf(ctx, Nothing);
      const removed = await passkeys.remove(em, { ...acting(person), passkeyId: String(ctx['params'].id) });
      const refused = removed.ok ? undefined : removed.reason;
      if (refused === 'not_found') throw missing();
      if (refused === 'password_alone') return redirect(ctx, strongerPassword);
      if (refused) return passkeysPage(ctx, em, person, person.words.t(`passkeys.${refused}`));
      notices.leave(ctx, 'account.done_passkey_removed');
      redirect(ctx, here);
    }),
  );

  return router;

  async function passkeysPage(
    ctx: Context,
    em: EntityManager,
    person: Person,
    problem: string | null = null,
  ): Promise<void> {
    const accountId = person.account.id;
    const options = await passkeys.registrationOptions(em, { binding: bindingOf(person), accountId });
    show(ctx, person, 'account-passkeys', 'account_security.passkeys', {
      status: problem === null ? 200 : 422,
      view: {
        problem,
        ...passkeyList(here, await passkeys.list(em, accountId)),
        passkey: passkeyRegistrationForm(here, options),
      },
    });
  }
}

/** The ceremony belongs to this session. */
function bindingOf({ session }: Person): string {
  return `account:${session.uid}`;
}
