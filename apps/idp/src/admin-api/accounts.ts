import {
  AccountApplicationsAnswer,
  AccountDetail,
  AccountId,
  AccountSessionsAnswer,
  AccountsAnswer,
  AccountsQuery,
  ActAnswer,
  AuditAnswer,
  ClientId,
  NewRoles,
  PageQuery,
  SessionId,
  SessionsEndedAnswer,
} from '@portcullis/contracts';
import type { EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import type { AccountChanges } from '#accounts/changes.ts';
import type { AuditHistory } from '#audit/history.ts';
import type { AuditLog } from '#audit/service.ts';
import type { BanHistory } from '#bans/history.ts';
import type { Places } from '#places/service.ts';
import type { Applications } from '#sessions/applications.ts';
import type { Sessions } from '#sessions/service.ts';
import { AccountPosition, type AccountSearch } from './account-search.ts';
import { pageOf } from './audit.ts';
import { fromCursor, toCursor } from './cursor.ts';
import * as example from './examples.ts';
import { route, toAct, toRead, toSupport, type Route } from './route.ts';

export type AccountDeps = {
  search: AccountSearch;
  changes: Pick<AccountChanges, 'setRoles' | 'remove' | 'disable' | 'enable'>;
  sessions: Sessions;
  places: Pick<Places, 'originOf'>;
  applications: Applications;
  banHistory: Pick<BanHistory, 'inForce'>;
  auditHistory: Pick<AuditHistory, 'page'>;
  audit: Pick<AuditLog, 'appendUnlessRecent'>;
};

const params = z.strictObject({ id: AccountId });

export function accountRoutes(deps: AccountDeps): Route[] {
  const { search, changes, sessions, places, applications, banHistory } = deps;
  return [
    route({
      method: 'get',
      path: '/accounts',
      need: toRead,
      summary: 'Accounts, found by how the e-mail or the name begins, or by id',
      query: AccountsQuery,
      answer: AccountsAnswer,
      example: { accounts: [example.account], next: null },
      refusals: ['invalid_cursor'],
      handle: async ({ query: { q, status, after, limit } }) => {
        const page = await search.page({ q, status }, { after: fromCursor(after, AccountPosition), limit });
        return { accounts: page.accounts, next: toCursor(page.next) };
      },
    }),
    route({
      method: 'get',
      path: '/accounts/:id',
      need: toRead,
      summary: 'One account',
      params,
      answer: AccountDetail,
      example: { ...example.account, emailVerified: true, lastSignInAt: '2026-11-22T08:12:00.000Z', ban: example.ban },
      refusals: ['not_found'],
      handle: async ({ params: { id }, actor, refused }) => {
        const account = await search.find(id);
        if (!account) throw refused('not_found');
        await viewed(id, actor);
        return { ...account, ban: (await banHistory.inForce(id)) ?? null };
      },
    }),
    route({
      method: 'get',
      path: '/accounts/:id/sessions',
      need: toRead,
      summary: 'The live sign-in sessions of an account, the latest used first',
      params,
      answer: AccountSessionsAnswer,
      example: { sessions: [example.session] },
      handle: async ({ params: { id }, actor }) => {
        await viewed(id, actor);
        const found = await sessions.list(id);
        return {
          sessions: found.map((session) => ({ ...session, place: places.originOf(session.address, 'en').place })),
        };
      },
    }),
    route({
      method: 'delete',
      path: '/accounts/:id/sessions/:sid',
      need: toSupport,
      summary: 'End one session everywhere',
      params: params.extend({ sid: SessionId }),
      answer: SessionsEndedAnswer,
      example: { ended: 1, delivery: 'published' },
      refusals: ['not_found'],
      handle: async ({ params: { id, sid }, actor, em, refused }) => {
        if (!(await sessions.list(id)).some((session) => session.id === sid)) throw refused('not_found');
        return { ended: 1, delivery: await sessions.end(em, { uid: sid, cause: 'session_ended', actor }) };
      },
    }),
    route({
      method: 'delete',
      path: '/accounts/:id/sessions',
      need: toSupport,
      summary: 'End all sessions of an account',
      params,
      answer: SessionsEndedAnswer,
      example: { ended: 3, delivery: 'published' },
      handle: ({ params: { id }, actor, em }) => sessions.endAll(em, { accountId: id, cause: 'session_ended', actor }),
    }),
    route({
      method: 'get',
      path: '/accounts/:id/applications',
      need: toRead,
      summary: 'The applications that have access for an account',
      params,
      answer: AccountApplicationsAnswer,
      example: {
        applications: [
          {
            clientId: 'forum',
            name: 'Forum',
            scopes: ['openid', 'profile'],
            firstUsedAt: '2026-02-01T12:00:00.000Z',
            sessions: 1,
          },
        ],
      },
      handle: async ({ params: { id } }) => ({ applications: await applications.list(id) }),
    }),
    route({
      method: 'delete',
      path: '/accounts/:id/applications/:clientId',
      need: toAct,
      summary: 'Take back what an account allowed an application',
      params: params.extend({ clientId: ClientId }),
      answer: ActAnswer,
      example: example.published,
      refusals: ['not_found'],
      handle: async ({ params: { id, clientId }, actor, em, refused }) => {
        const result = await applications.withdraw(em, { accountId: id, clientId, actor });
        if (!result.ok) throw refused(result.reason);
        return result;
      },
    }),
    route({
      method: 'get',
      path: '/accounts/:id/activity',
      need: toRead,
      summary: 'What was done to an account, the newest first',
      params,
      query: PageQuery,
      answer: AuditAnswer,
      example: { events: [example.auditEvent], next: null },
      refusals: ['invalid_cursor'],
      handle: async ({ params: { id }, query, actor }) => {
        const page = await pageOf(deps, { accountId: id }, query);
        await viewed(id, actor);
        return page;
      },
    }),
    route({
      method: 'put',
      path: '/accounts/:id/roles',
      need: toAct,
      summary: 'Set the roles of another account',
      params,
      body: { schema: NewRoles, example: { roles: ['moderator'] } },
      answer: ActAnswer,
      example: example.published,
      refusals: ['not_found', 'cannot_change_self', 'last_admin'],
      handle: async ({ params: { id }, body: { roles }, actor, em, refused }) => {
        if (id === actor) throw refused('cannot_change_self');
        const result = await changes.setRoles(em, { accountId: id, roles, actor });
        if (!result.ok) throw refused(result.reason);
        return result;
      },
    }),
    actOnAnother({
      method: 'delete',
      path: '/accounts/:id',
      summary: 'Delete another account for good',
      act: (em, who) => changes.remove(em, who),
    }),
    actOnAnother({
      method: 'post',
      path: '/accounts/:id/disable',
      summary: 'Switch another account off until it is enabled again',
      act: (em, who) => changes.disable(em, who),
    }),
    route({
      method: 'post',
      path: '/accounts/:id/enable',
      need: toAct,
      summary: 'Switch an account on again; answers when it can sign in',
      params,
      answer: ActAnswer,
      example: example.published,
      refusals: ['not_found', 'not_disabled'],
      handle: async ({ params: { id }, actor, em, refused }) => {
        const result = await changes.enable(em, { accountId: id, actor });
        if (!result.ok) throw refused(result.reason);
        return result;
      },
    }),
  ];

  /** Who has looked at what is said of a person is part of that person's history; pages of one look are one event. */
  function viewed(accountId: string, actor: string): Promise<void> {
    return deps.audit.appendUnlessRecent({ at: new Date(), actor, action: 'admin.viewed', accountId });
  }
}

/** What an admin may do to anybody's account but the own one. */
function actOnAnother(o: {
  method: 'post' | 'delete';
  path: string;
  summary: string;
  act: (em: EntityManager, who: { accountId: string; actor: string }) => ReturnType<AccountChanges['disable']>;
}): Route {
  return route({
    method: o.method,
    path: o.path,
    need: toAct,
    summary: o.summary,
    params,
    answer: ActAnswer,
    example: example.published,
    refusals: ['not_found', 'cannot_change_self', 'last_admin'],
    handle: async ({ params: { id }, actor, em, refused }) => {
      if (id === actor) throw refused('cannot_change_self');
      const result = await o.act(em, { accountId: id, actor });
      if (!result.ok) throw refused(result.reason);
      return result;
    },
  });
}
