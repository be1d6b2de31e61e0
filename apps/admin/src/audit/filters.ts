import type { FieldState } from '@portcullis/ui';
import type { AdminWords } from '#i18n/messages.ts';
import type { Keyset } from '#pages/keyset.ts';
import type { EventView } from './events.ts';

const NAMES = ['action', 'actor', 'accountId', 'clientId', 'from', 'to'] as const;

export type AuditFields = Record<(typeof NAMES)[number], FieldState>;

export type AuditView = {
  fields: AuditFields;
  problem: string | null;
  actions: string[];
  events: EventView[];
  pages: Keyset | null;
  filtered: boolean;
  csvHref: string;
  ndjsonHref: string;
};

/** What stands in the filters; `wrong` names the one that is not understood. */
export function auditFields({ t }: AdminWords, query: Record<string, string>, wrong: string | undefined): AuditFields {
  const entries = NAMES.map((name) => {
    const error = name === wrong ? t(`audit.wrong_${name}`) : null;
    return [name, { value: query[name] ?? '', error }];
  });
  return Object.fromEntries(entries) as AuditFields;
}
