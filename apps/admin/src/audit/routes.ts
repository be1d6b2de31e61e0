import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import Router from '@koa/router';
import { AuditQuery } from '@portcullis/contracts';
import { AppError, readQuery } from '@portcullis/http';
import { wordsOf } from '#i18n/messages.ts';
import { problemMessages } from '#pages/problem-messages.ts';
import type { AuditFilters } from '#admin-api/admin-api.ts';
import { hrefWith, keyset } from '#pages/keyset.ts';
import { administratorsOnly, type OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';
import { eventView, knownActions } from './events.ts';
import { auditFields, type AuditView } from './filters.ts';

const PAGE = 50;

export function auditRoutes({ operator, show }: { operator: OperatorOf; show: Show }): Router {
  const router = new Router();

  router.get('/audit', async (ctx) => {
    const query = readQuery(ctx);
    const words = wordsOf(ctx);
    const { filters, wrong } = filtersOf(query);
    const { after } = query;
    const answer = wrong ? { events: [], next: null } : await operator(ctx).audit(filters, { after, limit: PAGE });
    const kept = { ...filters, from: query['from'], to: query['to'] };
    const view: AuditView = {
      fields: auditFields(words, query, wrong),
      problem: wrong === undefined ? null : problemMessages[words.locale].invalid_query,
      actions: knownActions,
      events: answer.events.map((event) => eventView(words, event)),
      pages: keyset('/audit', kept, { after, next: answer.next }),
      filtered: Object.values(filters).some(Boolean),
      csvHref: hrefWith('/audit/export', { ...kept, format: 'csv' }),
      ndjsonHref: hrefWith('/audit/export', { ...kept, format: 'ndjson' }),
    };
    if (wrong) ctx.status = 422;
    show.page(ctx, 'audit', words.t('pages.audit_log'), view);
  });

  router.get('/audit/export', administratorsOnly, async (ctx) => {
    const query = readQuery(ctx);
    const { filters, wrong } = filtersOf(query);
    if (wrong) throw new AppError('invalid', 'invalid_query', problemMessages.en.invalid_query);
    const format = query['format'] === 'ndjson' ? 'ndjson' : 'csv';
    const { body, headers } = await operator(ctx).exportAudit(filters, format);
    ctx.type = headers.get('content-type') ?? (format === 'csv' ? 'text/csv' : 'application/x-ndjson');
    ctx.attachment(`audit-${new Date().toISOString().slice(0, 10)}.${format}`);
    ctx.body = body ? Readable.fromWeb(body as ReadableStream) : '';
  });

  return router;
}

/** `wrong` names the one that is not understood. */
function filtersOf(query: Record<string, string>): { filters: AuditFilters; wrong: string | undefined } {
  const given = (name: string) => query[name]?.trim() || undefined;
  const filters = {
    action: given('action'),
    actor: given('actor'),
    accountId: given('accountId'),
    clientId: given('clientId'),
    from: utc(given('from')),
    to: utc(given('to')),
  };
  const said = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
  const checked = AuditQuery.safeParse(said);
  const [wrong] = checked.success ? [] : checked.error.issues.map(({ path }) => String(path[0]));
  return { filters, wrong };
}

/** A field of a date and time says nothing of zones: it is meant, and labelled, as UTC. */
function utc(local: string | undefined): string | undefined {
  if (local === undefined) return undefined;
  const at = new Date(`${local}Z`);
  return Number.isNaN(at.getTime()) ? local : at.toISOString();
}
