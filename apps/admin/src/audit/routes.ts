import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import Router from '@koa/router';
import { AuditQuery } from '@portcullis/contracts';
import { AppError, readQuery } from '@portcullis/http';
import type { AuditFilters } from '#admin-api/admin-api.ts';
import { hrefWith, keyset } from '#pages/keyset.ts';
import { administratorsOnly, type OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';
import { eventView, knownActions } from './events.ts';
import { type AuditFields, auditFields, type AuditView } from './filters.ts';

const PAGE = 50;

export function auditRoutes({ operator, show }: { operator: OperatorOf; show: Show }): Router {
  const router = new Router();

  router.get('/audit', async (ctx) => {
    const query = readQuery(ctx);
    const { filters, fields, problem } = filtersOf(query);
    const { after } = query;
    const answer = problem ? { events: [], next: null } : await operator(ctx).audit(filters, { after, limit: PAGE });
    const kept = { ...filters, from: query['from'], to: query['to'] };
    const view: AuditView = {
      fields,
      problem,
      actions: knownActions,
      events: answer.events.map((event) => eventView(event)),
      pages: keyset('/audit', kept, { after, next: answer.next }),
      filtered: Object.values(filters).some(Boolean),
      csvHref: hrefWith('/audit/export', { ...kept, format: 'csv' }),
      ndjsonHref: hrefWith('/audit/export', { ...kept, format: 'ndjson' }),
    };
    if (problem) ctx.status = 422;
    show.page(ctx, 'audit', 'Audit log', view);
  });

  router.get('/audit/export', administratorsOnly, async (ctx) => {
    const query = readQuery(ctx);
    const { filters, problem } = filtersOf(query);
    if (problem) throw new AppError('invalid', 'invalid_query', problem);
    const format = query['format'] === 'ndjson' ? 'ndjson' : 'csv';
    const { body, headers } = await operator(ctx).exportAudit(filters, format);
    ctx.type = headers.get('content-type') ?? (format === 'csv' ? 'text/csv' : 'application/x-ndjson');
    ctx.attachment(`audit-${new Date().toISOString().slice(0, 10)}.${format}`);
    ctx.body = body ? Readable.fromWeb(body as ReadableStream) : '';
  });

  return router;
}

function filtersOf(query: Record<string, string>): {
  filters: AuditFilters;
  fields: AuditFields;
  problem: string | null;
} {
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
  return {
    filters,
    fields: auditFields(query, wrong),
    problem: wrong === undefined ? null : 'One of the filters is not understood. Put it right, or leave it empty.',
  };
}

/** A field of a date and time says nothing of zones: it is meant, and labelled, as UTC. */
function utc(local: string | undefined): string | undefined {
  if (local === undefined) return undefined;
  const at = new Date(`${local}Z`);
  return Number.isNaN(at.getTime()) ? local : at.toISOString();
}
