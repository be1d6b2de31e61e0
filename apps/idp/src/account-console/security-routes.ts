import Router from '@koa/router';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Context } from 'koa';
import { z } from 'zod';
import type { AccountChanges } from '#accounts/changes.ts';
import { Account } from '#accounts/entity.ts';
import { leastPasswordCharacters, type PasswordWeakness } from '#accounts/password-policy.ts';
import { type FamiliarBrowsers, ownerOf } from '#rate-limit/familiar-browsers.ts';
import type { SecondFactors } from '#second-factor/service.ts';
import type { TrustedDevices } from '#second-factor/trusted-devices.ts';
import { deviceOf } from './device.ts';
import { type Door, fieldsOf, missing, type Person, redirect } from './door.ts';
import type { Notices } from './notices.ts';
import type { Show } from './show.ts';

type Deps = {
  door: Door;
  changes: Pick<AccountChanges, 'changePassword'>;
  secondFactors: Pick<SecondFactors, 'of'>;
  trustedDevices: TrustedDevices;
  familiarBrowsers: Pick<FamiliarBrowsers, 'remember'>;
  show: Show;
  notices: Notices;
};
const Nothing = z.strictObject({});
const yes = z.literal('yes').optional();
const NewPassword = z.strictObject({ password: z.string(), sign_out_others: yes, alone: yes });
const here = '/account/security';

export function securityRoutes(deps: Deps): Router {
  const { door, changes, secondFactors, trustedDevices, familiarBrowsers, show, notices } = deps;
  const router = new Router({ prefix: here });

  router.get(
    '/',
    door.page(async (ctx, em, person) => {
      const { account, words } = person;
      const { totp, passkeys, recoveryCodes } = await secondFactors.of(account.id);
      const devices = await trustedDevices.list(ctx, em, account.id);
      show(ctx, person, 'account-security', 'account_security.title', {
        view: {
          hasPassword: await hasPassword(em, account.id),
          passwordChangedAt: account.passwordChangedAt,
          passkeys,
          authenticator: totp,
          recoveryCodes,
          devices: devices.map(({ id, userAgent, expiresAt, here: isHere }) => ({
            id,
            ...deviceOf(userAgent, words),
            expiresAt,
            here: isHere,
          })),
          severalDevices: devices.length > 1,
        },
      });
    }),
  );

  router.get(
    '/password',
    door.sensitivePage((ctx, _em, person) => passwordPage(ctx, person, ctx.query['alone'] === 'yes')),
  );

  router.post(
    '/password',
    door.sensitiveAct(`${here}/password`, async (ctx, em, person) => {
      const { password, sign_out_others: signOutOthers, alone } = fieldsOf(ctx, NewPassword);
      const mustStandAlone = alone !== undefined;
      const { account, session } = person;
      const act = { accountId: account.id, actor: account.id, password, mustStandAlone, keepSessionUid: session.uid };
      const changed = await changes.changePassword(em, { ...act, keepAllSessions: signOutOthers === undefined });
      if (!changed.ok && isWeakness(changed.reason))
        return passwordPage(ctx, person, mustStandAlone, {
          weakness: changed.reason,
          signOutOthers: signOutOthers !== undefined,
        });
      if (!changed.ok) throw missing();
      await em.refresh(account);
      familiarBrowsers.remember(ctx, ownerOf(account), { factorShown: false });
      notices.leave(ctx, 'account.done_password_changed');
      redirect(ctx, here);
    }),
  );

  router.post(
    '/devices/:id/revoke',
    door.act(here, async (ctx, em, { account }) => {
      fieldsOf(ctx, Nothing);
      const id = String(ctx['params'].id);
      if (!(await trustedDevices.revoke(em, { accountId: account.id, id, actor: account.id }))) throw missing();
      notices.leave(ctx, 'account.done_device_forgotten');
      redirect(ctx, here);
    }),
  );

  router.post(
    '/devices/revoke-all',
    door.act(here, async (ctx, em, { account }) => {
      fieldsOf(ctx, Nothing);
      for (const { id } of await trustedDevices.list(ctx, em, account.id))
        await trustedDevices.revoke(em, { accountId: account.id, id, actor: account.id });
      notices.leave(ctx, 'account.done_devices_forgotten');
      redirect(ctx, here);
    }),
  );

  return router;

  /** `mustStandAlone`: the last second factor is to go, for which the password is too weak. */
  async function passwordPage(
    ctx: Context,
    person: Person,
    mustStandAlone: boolean,
    refused?: { weakness: `password_${PasswordWeakness}`; signOutOthers: boolean },
  ): Promise<void> {
    const { account, words } = person;
    const { totp, passkeys } = await secondFactors.of(account.id);
    show(ctx, person, 'account-password', 'account_security.password_title', {
      status: refused ? 422 : 200,
      view: {
        address: account.email,
        least: leastPasswordCharacters({ secondFactor: !mustStandAlone && (totp || passkeys > 0) }),
        mustStandAlone,
        password: { value: '', error: refused ? words.t(`passwords.${refused.weakness}`) : null },
        signOutOthers: { checked: refused?.signOutOthers ?? true },
      },
    });
  }
}

function isWeakness(reason: string): reason is `password_${PasswordWeakness}` {
  return reason.startsWith('password_');
}

async function hasPassword(em: EntityManager, id: string): Promise<boolean> {
  return (await em.count(Account, { id, passwordHash: { $ne: null } })) > 0;
}
