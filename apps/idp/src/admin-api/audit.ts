import { AuditAnswer, AuditExportQuery, AuditQuery } from '@portcullis/contracts';
import { z } from 'zod';
import { writers } from '#audit/export.ts';
import type { AuditFilter, AuditHistory, AuditRecord } from '#audit/history.ts';
import type { AuditLog } from '#audit/service.ts';
import type { Places } from '#places/service.ts';
import { fromCursor, toCursor } from './cursor.ts';
import * as example from './examples.ts';
import { download, route, toRead, toReadInBulk, type Route } from './route.ts';

export type AuditDeps = {
  auditHistory: AuditHistory;
  audit: Pick<AuditLog, 'append'>;
  places: Pick<Places, 'originOf'>;
};

const contentTypes = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' };

export function auditRoutes({ auditHistory, audit, places }: AuditDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/audit',
      need: toRead,
      summary: 'The audit log, the newest first',
      query: AuditQuery,
      answer: AuditAnswer,
      example: { events: [example.auditEvent], next: null },
      refusals: ['invalid_cursor'],
      handle: ({ query: { after, limit, ...filter } }) =>
        pageOf({ auditHistory, places }, filterOf(filter), { after, limit }),
    }),
    download({
      method: 'get',
      path: '/audit/export',
      need: toReadInBulk,
      summary: 'All of the audit log that the filters leave, as a file, the oldest first',
      query: AuditExportQuery,
      contentTypes: Object.values(contentTypes),
      handle: async ({ query: { format, ...filter }, actor }) => {
        const at = new Date();
        await audit.append({ at, actor, action: 'audit.exported', detail: { format, ...filter } });
        return {
          contentType: contentTypes[format],
          filename: `audit-${at.toISOString().slice(0, 10)}.${format}`,
          pieces: writers[format](auditHistory.all(filterOf(filter))),
        };
      },
    }),
  ];
}

const Position = z.tuple([z.iso.datetime(), z.uuid()]);

export async function pageOf(
  { auditHistory, places }: { auditHistory: Pick<AuditHistory, 'page'>; places: Pick<Places, 'originOf'> },
  filter: AuditFilter,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<{ events: (AuditRecord & { place: string | null })[]; next: string | null }> {
  const from = fromCursor(after, Position);
  const found = await auditHistory.page(filter, {
    limit: limit + 1,
    ...(from && { after: { at: new Date(from[0]), id: from[1] } }),
  });
  const events = found.slice(0, limit);
  const last = found.length > limit ? events.at(-1) : undefined;
  return {
    events: events.map((event) => ({ ...event, place: placeOf(event) })),
    next: toCursor(last && [last.at, last.id]),
  };

  function placeOf({ detail: { address } }: AuditRecord): string | null {
    return typeof address === 'string' ? places.originOf(address, 'en').place : null;
  }
}

type Asked = { [Key in keyof AuditFilter]?: string | undefined };

function filterOf({ from, to, ...filter }: Asked): AuditFilter {
  return {
    ...Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)),
    ...(from !== undefined && { from: new Date(from) }),
    ...(to !== undefined && { to: new Date(to) }),
  };
}
