import Router from '@koa/router';
import type { Context } from 'koa';
import { ClientId, type ClientSummary } from '@portcullis/contracts';
import { AppError } from '@portcullis/http';
import { type Confirmed, leadsTo } from '#pages/confirm.ts';
import { type Moment, momentOrNull } from '#pages/moment.ts';
import { doneHref } from '#pages/notices.ts';
import { administratorsOnly, type OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';

export type ApplicationsView = {
  applications: { id: string; name: string; disabledAt: Moment | null; actHref: string; auditHref: string }[];
};

const crumbs = [{ label: 'Applications', href: '/applications' }];

type Deps = { operator: OperatorOf; show: Show; confirmed: Confirmed };

/** The registered applications, and switching one off or on. */
export function applicationsRoutes({ operator, show, confirmed }: Deps): Router {
  const router = new Router();

  router.get('/applications', async (ctx) => {
    const { clients } = await operator(ctx).clients();
    show.page(ctx, 'applications', 'Applications', {
      applications: clients.map(({ id, name, disabledAt }) => ({
        id,
        name,
        disabledAt: momentOrNull(disabledAt),
        actHref: `/applications/${encodeURIComponent(id)}/${disabledAt === null ? 'disable' : 'enable'}`,
        auditHref: `/audit?clientId=${encodeURIComponent(id)}`,
      })),
    });
  });

  confirmed(router, '/applications/:client/disable', {
    guard: administratorsOnly,
    question: async (ctx) => {
      const { id, name } = await clientOf(ctx);
      return {
        title: `Switch ${name} off?`,
        crumbs,
        sentences: [
          'Nobody can sign in to it any more, and every token it was given is dead at once. The accounts stay as they are.',
        ],
        facts: [{ label: 'Application', value: id }],
        typed: null,
        button: `Switch ${name} off`,
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
      const { id, name } = await clientOf(ctx);
      return {
        title: `Switch ${name} on again?`,
        crumbs,
        sentences: ['People can sign in to it again. What was issued before it was switched off stays dead.'],
        facts: [{ label: 'Application', value: id }],
        typed: null,
        button: `Switch ${name} on`,
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
    if (!client) throw new AppError('missing', 'not_found', 'There is no such application.');
    return client;
  }
}
