import Router from '@koa/router';
import type { Context } from 'koa';
import { ClientId, type ClientSummary } from '@portcullis/contracts';
import { AppError } from '@portcullis/http';
import { wordsOf } from '#i18n/messages.ts';
import { problemMessages } from '#pages/problem-messages.ts';
import { type Confirmed, leadsTo } from '#pages/confirm.ts';
import { type Moment, momentOrNull } from '#pages/moment.ts';
import { doneHref } from '#pages/notices.ts';
import { administratorsOnly, type OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';

export type ApplicationsView = {
  applications: { id: string; name: string; disabledAt: Moment | null; actHref: string; auditHref: string }[];
};

type Deps = { operator: OperatorOf; show: Show; confirmed: Confirmed };

/** The registered applications, and switching one off or on. */
export function applicationsRoutes({ operator, show, confirmed }: Deps): Router {
  const router = new Router();

  router.get('/applications', async (ctx) => {
    const words = wordsOf(ctx);
    const { clients } = await operator(ctx).clients();
    show.page(ctx, 'applications', words.t('pages.applications'), {
      applications: clients.map(({ id, name, disabledAt }) => ({
        id,
        name,
        disabledAt: momentOrNull(words, disabledAt),
        actHref: `/applications/${encodeURIComponent(id)}/${disabledAt === null ? 'disable' : 'enable'}`,
        auditHref: `/audit?clientId=${encodeURIComponent(id)}`,
      })),
    });
  });

  confirmed(router, '/applications/:client/disable', {
    guard: administratorsOnly,
    question: async (ctx) => {
      const { t } = wordsOf(ctx);
      const { id, name } = await clientOf(ctx);
      return {
        title: t('applications.off_title', { name }),
        crumbs: [{ label: t('pages.applications'), href: '/applications' }],
        sentences: [t('applications.off_text')],
        facts: [{ label: t('pages.application'), value: id }],
        typed: null,
        button: t('applications.off_button', { name }),
        danger: true,
        cancelHref: '/applications',
      };
    },
    act: async (ctx) =>
      leadsTo(await operator(ctx).disableClient((await clientOf(ctx)).id), ({ delivery }) =>
        doneHref('/applications', 'client-disabled', delivery),
      ),
  });

  confirmed(router, '/applications/:client/enable', {
    guard: administratorsOnly,
    question: async (ctx) => {
      const { t } = wordsOf(ctx);
      const { id, name } = await clientOf(ctx);
      return {
        title: t('applications.on_title', { name }),
        crumbs: [{ label: t('pages.applications'), href: '/applications' }],
        sentences: [t('applications.on_text')],
        facts: [{ label: t('pages.application'), value: id }],
        typed: null,
        button: t('applications.on_button', { name }),
        danger: false,
        cancelHref: '/applications',
      };
    },
    act: async (ctx) =>
      leadsTo(await operator(ctx).enableClient((await clientOf(ctx)).id), ({ delivery }) =>
        doneHref('/applications', 'client-enabled', delivery),
      ),
  });

  return router;

  async function clientOf(ctx: Context): Promise<ClientSummary> {
    const id = ClientId.safeParse(ctx['params'].client).data;
    const client = (await operator(ctx).clients()).clients.find((each) => each.id === id);
    if (!client) throw new AppError('missing', 'application_missing', problemMessages.en.application_missing);
    return client;
  }
}
