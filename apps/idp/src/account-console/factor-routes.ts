import Router from '@koa/router';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Context } from 'koa';
import { z } from 'zod';
import type { RecoveryCodes } from '#second-factor/recovery-codes.ts';
import type { SecondFactors } from '#second-factor/service.ts';
import type { Totp } from '#second-factor/totp.ts';
import { type Door, fieldsOf, type Person, redirect } from './door.ts';
import type { Notices } from './notices.ts';
import type { Show } from './show.ts';

type Deps = {
  door: Door;
  secondFactors: Pick<SecondFactors, 'of'>;
  totp: Totp;
  recoveryCodes: RecoveryCodes;
  show: Show;
  notices: Notices;
};
const Nothing = z.strictObject({});
const Code = z.strictObject({ code: z.string() });
/** First: the password could not be all that is left (R-40). */
export const strongerPassword = '/account/security/password?alone=yes';
const authenticator = '/account/security/authenticator';
const codesAt = '/account/security/recovery-codes';

export function factorRoutes({ door, secondFactors, totp, recoveryCodes, show, notices }: Deps) {
  const router = new Router();

  router.get(
    authenticator,
    door.sensitivePage(async (ctx, em, person) => authenticatorPage(ctx, em, person)),
  );

  router.post(
    authenticator,
    door.sensitiveAct(authenticator, async (ctx, em, person) => {
      const { code } = fieldsOf(ctx, Code);
      const confirmed = await totp.confirm(em, { ...acting(person), binding: person.session.uid, code });
      if (confirmed.ok) return showCodesOfFirstFactor(ctx, em, person);
      const why = confirmed.reason === 'wrong_code' ? 'second_factor.wrong_totp' : 'second_factor.not_begun';
      await authenticatorPage(ctx, em, person, person.words.t(why));
    }),
  );

  router.post(
    `${authenticator}/remove`,
    door.sensitiveAct(authenticator, async (ctx, em, person) => {
      fieldsOf(ctx, Nothing);
      const removed = await totp.remove(em, acting(person));
      if (!removed.ok && removed.reason === 'password_alone') return redirect(ctx, strongerPassword);
      notices.leave(ctx, 'account.done_authenticator_removed');
      redirect(ctx, '/account/security');
    }),
  );

  router.get(
    codesAt,
    door.sensitivePage(async (ctx, _em, person) => codesPage(ctx, person, null)),
  );

  router.post(
    codesAt,
    door.sensitiveAct(codesAt, async (ctx, em, person) => {
      fieldsOf(ctx, Nothing);
      const { totp: hasTotp, passkeys } = await secondFactors.of(person.account.id);
      if (!hasTotp && passkeys === 0) return redirect(ctx, codesAt);
      await codesPage(ctx, person, await recoveryCodes.make(em, acting(person)));
    }),
  );

  return { router, showCodesOfFirstFactor };

  /** Whoever has just got a first second factor is given the codes for the day it is lost. */
  async function showCodesOfFirstFactor(ctx: Context, em: EntityManager, person: Person): Promise<void> {
    if ((await recoveryCodes.left(em, person.account.id)) > 0) return redirect(ctx, '/account/security');
    await codesPage(ctx, person, await recoveryCodes.make(em, acting(person)));
  }

  async function authenticatorPage(
    ctx: Context,
    em: EntityManager,
    person: Person,
    error: string | null = null,
  ): Promise<void> {
    const { account, session } = person;
    const isOn = (await secondFactors.of(account.id)).totp;
    const enrolment = isOn ? null : await totp.begin(em, { accountId: account.id, binding: session.uid });
    show(ctx, person, 'account-authenticator', 'account_security.authenticator', {
      status: error === null ? 200 : 422,
      view: { enrolment, code: { value: '', error } },
    });
  }

  /** `codes` are in this one answer and are kept nowhere: hence no redirect comes before them. */
  async function codesPage(ctx: Context, person: Person, codes: string[] | null): Promise<void> {
    const { totp: hasTotp, passkeys, recoveryCodes: left } = await secondFactors.of(person.account.id);
    show(ctx, person, 'account-recovery-codes', 'account_security.codes', {
      view: {
        left,
        useful: hasTotp || passkeys > 0,
        codes,
        file: codes && `data:text/plain;charset=utf-8,${encodeURIComponent(`${codes.join('\n')}\n`)}`,
        fileName: 'recovery-codes.txt',
      },
    });
  }
}

/** Whose factor it is and who acts; where they do it they stay signed in. */
export function acting({ account, session }: Person) {
  return { accountId: account.id, actor: account.id, keepSessionUid: session.uid };
}
