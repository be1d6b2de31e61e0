import { ActAnswer, ClientId, ClientsAnswer, EveryoneBefore, Overview } from '@portcullis/contracts';
import { z } from 'zod';
import type { ClientChanges } from '#clients/changes.ts';
import type { Everyone } from '#revocations/everyone.ts';
import type { ClientList } from './client-list.ts';
import * as example from './examples.ts';
import type { SystemOverview } from './overview.ts';
import { route, toAct, toRead, type Route } from './route.ts';

export type SystemDeps = {
  overview: SystemOverview;
  clients: Pick<ClientList, 'all'>;
  clientChanges: ClientChanges;
  everyone: Everyone;
};

const params = z.strictObject({ id: ClientId });

export function systemRoutes({ overview, clients, clientChanges, everyone }: SystemDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/overview',
      need: toRead,
      summary: 'The state of the whole installation',
      answer: Overview,
      example: {
        accounts: 1204,
        activeSessions: 310,
        bansInForce: 7,
        liveRevocations: 12,
        mirrors: [{ app: 'shop', instance: 'shop-1', state: 'in_touch', lastSeenMs: 412 }],
        signInsLastDay: 655,
        refusalsLastDay: 4,
      },
      handle: () => overview.take(),
    }),
    route({
      method: 'get',
      path: '/clients',
      need: toRead,
      summary: 'All registered applications, by name',
      answer: ClientsAnswer,
      example: { clients: [{ id: 'forum', name: 'Forum', disabledAt: null }] },
      handle: async () => ({ clients: await clients.all() }),
    }),
    route({
      method: 'post',
      path: '/clients/:id/disable',
      need: toAct,
      summary: 'Switch an application off: its tokens are dead and it gets no new ones',
      params,
      answer: ActAnswer,
      example: example.published,
      refusals: ['not_found'],
      handle: async ({ params: { id }, actor, em, refused }) => {
        const result = await clientChanges.disable(em, { clientId: id, actor });
        if (!result.ok) throw refused(result.reason);
        return result;
      },
    }),
    route({
      method: 'post',
      path: '/clients/:id/enable',
      need: toAct,
      summary: 'Switch an application on again; answers when people can enter it',
      params,
      answer: ActAnswer,
      example: example.published,
      refusals: ['not_found', 'not_disabled'],
      handle: async ({ params: { id }, actor, em, refused }) => {
        const result = await clientChanges.enable(em, { clientId: id, actor });
        if (!result.ok) throw refused(result.reason);
        return result;
      },
    }),
    route({
      method: 'post',
      path: '/revocations/everyone',
      need: toAct,
      summary: 'Cut everybody off whose sign-in is from before a moment, the caller included',
      body: { schema: EveryoneBefore, example: { before: '2026-11-22T10:00:00Z' } },
      answer: ActAnswer,
      example: example.published,
      refusals: ['in_future'],
      handle: async ({ body: { before }, actor, em, refused }) => {
        const result = await everyone.before(em, { at: new Date(before), actor });
        if (!result.ok) throw refused(result.reason);
        return result;
      },
    }),
  ];
}
