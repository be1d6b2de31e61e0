import { Readable } from 'node:stream';
import Router from '@koa/router';
import { readQuery } from '@portcullis/http';
import type { AuditHistory } from '#audit/history.ts';
import type { AuditLog } from '#audit/service.ts';
import type { Places } from '#places/service.ts';
import { activityPage } from './activity.ts';
import type { PersonalData } from './data.ts';
import type { Door } from './door.ts';
import type { Show } from './show.ts';

type Deps = {
  door: Door;
  history: Pick<AuditHistory, 'page'>;
  audit: Pick<AuditLog, 'append'>;
  data: PersonalData;
  /** How long a deletion can be taken back. */
  graceDays: number;
  /** The name of this deployment. */
  product: string;
  nameOf: (clientId: string) => string;
  places: Places;
  show: Show;
  now: () => Date;
};

/** What we know of a person: in plain words, and as a file. */
export function dataRoutes(deps: Deps): Router {
  const { door, history, audit, data, graceDays, product, nameOf, places, show, now } = deps;
  const router = new Router({ prefix: '/account' });

  router.get(
    '/activity',
    door.page(async (ctx, _em, person) => {
      const { after } = readQuery(ctx);
      const reader = { accountId: person.account.id, words: person.words, nameOf, originOf: places.originOf };
      const view = await activityPage(history, { ...reader, after });
      show(ctx, person, 'account-activity', 'account.activity_title', { view });
    }),
  );

  router.get(
    '/data',
    door.page(async (ctx, _em, person) => {
      show(ctx, person, 'account-data', 'account.data_title', { view: { days: graceDays } });
    }),
  );

  router.get(
    '/data/download',
    door.sensitivePage(async (ctx, em, { account }) => {
      await audit.append({ at: now(), actor: account.id, action: 'account.data_downloaded', accountId: account.id });
      ctx.attachment(`${product.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-')}-account.json`);
      ctx.type = 'application/json';
      ctx.body = Readable.from(data.write(em, account.id));
    }, '/account/data'),
  );

  return router;
}
