import Router from '@koa/router';
import { z } from 'zod';
import type { IdpWords } from '#i18n/messages.ts';
import type { Origin, Places } from '#places/service.ts';
import type { Sessions, SessionSummary } from '#sessions/service.ts';
import { deviceOf } from './device.ts';
import { type Door, fieldsOf, missing, redirect } from './door.ts';
import type { Notices } from './notices.ts';
import type { Show } from './show.ts';
import type { SessionLine } from './views.ts';

type Deps = { door: Door; sessions: Sessions; places: Places; show: Show; notices: Notices };
const Nothing = z.strictObject({});
const here = '/account/sessions';

export function sessionRoutes({ door, sessions, places, show, notices }: Deps): Router {
  const router = new Router({ prefix: here });

  router.get(
    '/',
    door.page(async (ctx, _em, person) => {
      const found = await sessions.list(person.account.id);
      const lines = found.map((session) => ({
        ...lineOf(session, person.session.uid, person.words),
        ...places.originOf(session.address, person.words.locale),
      }));
      show(ctx, person, 'account-sessions', 'account.sessions_title', {
        view: {
          sessions: lines.toSorted((a, b) => Number(b.current) - Number(a.current)),
          others: lines.some(({ current }) => !current),
        },
      });
    }),
  );

  router.post(
    '/end-others',
    door.act(here, async (ctx, em, { account, session }) => {
      fieldsOf(ctx, Nothing);
      const ending = { accountId: account.id, cause: 'session_ended', actor: account.id } as const;
      await sessions.endAll(em, { ...ending, keepUid: session.uid });
      notices.leave(ctx, 'account.done_others_ended');
      redirect(ctx, here);
    }),
  );

  router.post(
    '/:uid/end',
    door.act(here, async (ctx, em, { account }) => {
      fieldsOf(ctx, Nothing);
      const own = await sessions.list(account.id);
      const uid = own.find(({ id }) => id === ctx['params'].uid)?.id;
      if (uid === undefined) throw missing();
      await sessions.end(em, { uid, cause: 'session_ended', actor: account.id });
      notices.leave(ctx, 'account.done_session_ended');
      redirect(ctx, here);
    }),
  );

  return router;
}

function lineOf(session: SessionSummary, currentUid: string, words: IdpWords): Omit<SessionLine, keyof Origin> {
  const { id, userAgent, createdAt, lastUsedAt, applications } = session;
  return {
    uid: id,
    ...deviceOf(userAgent, words),
    createdAt,
    lastUsedAt,
    applications: applications.join(', '),
    current: id === currentUid,
  };
}
