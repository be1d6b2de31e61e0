import Router from '@koa/router';
import { type Csrf, readForm } from '@portcullis/http';
import type { Interactions } from '#protocol/interactions.ts';
import type { createAccountChoice } from './account-choice.ts';
import type { createCredentialsStep } from './credentials.ts';
import type { Door } from './door.ts';
import type { createEnrolStep } from './enrol.ts';
import type { ProgressStore } from './progress.ts';
import type { createSecondFactorStep } from './second-factor.ts';

type Deps = {
  door: Door;
  interactions: Pick<Interactions, 'cancel'>;
  progress: Pick<ProgressStore, 'choose' | 'end'>;
  csrf: Csrf;
  credentials: ReturnType<typeof createCredentialsStep>;
  secondFactor: ReturnType<typeof createSecondFactorStep>;
  enrol: ReturnType<typeof createEnrolStep>;
  accountChoice: ReturnType<typeof createAccountChoice>;
};

/**
 * The pages an application sends people to when they are not signed in, or not well enough. Each serves one step, and
 * only when that is the one that is due. They know nothing of OpenID Connect beyond `Interactions`.
 */
export function signInRoutes(deps: Deps): Router {
  const { door, interactions, progress, csrf, credentials, secondFactor, enrol, accountChoice } = deps;
  const { due, dueToKnown, anywhere } = door;
  const router = new Router({ prefix: '/sign-in/:uid' });
  const form = [readForm, csrf.protect] as const;

  router.get('/', due('credentials', credentials.page));
  router.post('/', ...form, due('credentials', credentials.password));
  router.post('/passkey', ...form, due('credentials', credentials.passkey));

  router.get('/account', due('choose_account', accountChoice.page));
  router.post('/account', ...form, due('choose_account', accountChoice.choose));
  router.post('/account/forget', ...form, due('choose_account', accountChoice.forget));

  router.get('/second-factor', dueToKnown('second_factor', secondFactor.page));
  router.post('/second-factor', ...form, dueToKnown('second_factor', secondFactor.code));
  router.post('/second-factor/passkey', ...form, dueToKnown('second_factor', secondFactor.passkey));
  router.post('/second-factor/mail', ...form, dueToKnown('second_factor', secondFactor.mail));

  router.get('/enrol', dueToKnown('enrol', enrol.page));
  router.get('/enrol/authenticator', dueToKnown('enrol', enrol.authenticator));
  router.post('/enrol/authenticator', ...form, dueToKnown('enrol', enrol.confirmAuthenticator));
  router.post('/enrol/passkey', ...form, dueToKnown('enrol', enrol.addPasskey));

  router.get('/recovery-codes', dueToKnown('recovery_codes', enrol.codes));
  router.get('/recovery-codes/download', dueToKnown('recovery_codes', enrol.downloadCodes));
  router.post('/recovery-codes', ...form, dueToKnown('recovery_codes', enrol.codesKept));

  const restart = anywhere(async (ctx, _em, here) => {
    await progress.choose(here.waiting.uid, '');
    door.toPage(ctx, here, '');
  });
  const cancel = anywhere(async (ctx, _em, { waiting }) => {
    await progress.end(waiting.uid);
    await interactions.cancel(ctx);
  });
  router.post('/restart', ...form, restart);
  router.post('/cancel', ...form, cancel);
  return router;
}
