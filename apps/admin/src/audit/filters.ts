import type { FieldState } from '@portcullis/ui';
import type { Keyset } from '#pages/keyset.ts';
import type { EventView } from './events.ts';

const NAMES = ['action', 'actor', 'accountId', 'clientId', 'from', 'to'] as const;

const WRONG: Record<(typeof NAMES)[number], string> = {
  action: 'Such as ban.created.',
  actor: 'An account id, or cli: and a name.',
  accountId: 'The whole id of an account.',
  clientId: 'The id of an application.',
  from: 'A day and a time.',
  to: 'A day and a time.',
};

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
export function auditFields(query: Record<string, string>, wrong: string | undefined): AuditFields {
  const entries = NAMES.map((name) => [name, { value: query[name] ?? '', error: name === wrong ? WRONG[name] : null }]);
  return Object.fromEntries(entries) as AuditFields;
}
