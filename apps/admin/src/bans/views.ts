import type { BanPreview, ClientSummary, NewBan } from '@portcullis/contracts';
import type { FieldState } from '@portcullis/ui';
import { listed } from '#pages/count.ts';
import { moment } from '#pages/moment.ts';
import { type BanProblems, clientField, durationOptions, type Fields, scopeOptions } from './form.ts';
import { type Impact, impactOf } from './impact.ts';

/** Whom a ban dialog is about: one account, or those picked from the list. */
export type Target = {
  ids: string[];
  name: string;
  crumbs: { label: string; href: string }[];
  cancelHref: string;
  /** The accounts by name, when there are several. */
  members: { label: string; href: string }[];
};

type Choices = { value: string; error: string | null; options: { value: string; label: string; selected: boolean }[] };

export type BanFormView = {
  title: string;
  crumbs: Target['crumbs'];
  action: string;
  cancelHref: string;
  members: Target['members'];
  refusal: string | null;
  resumed: boolean;
  impact: Impact;
  reason: FieldState;
  message: FieldState;
  duration: Choices;
  until: FieldState;
  scope: Choices;
  clients: { name: string; value: string; label: string; checked: boolean }[];
};

export type BanReviewView = {
  title: string;
  crumbs: Target['crumbs'];
  action: string;
  members: Target['members'];
  resumed: boolean;
  impact: Impact;
  facts: { label: string; value: string }[];
  kept: { name: string; value: string }[];
  button: string;
};

type FormState = { problems?: BanProblems; refusal?: string | undefined };

export function banFormView(
  target: Target,
  action: string,
  fields: Fields,
  about: { clients: ClientSummary[]; preview: BanPreview } & FormState,
): BanFormView {
  const { problems = {}, refusal = null } = about;
  const field = (name: 'reason' | 'message' | 'until') => ({
    value: fields[name] ?? '',
    error: problems[name] ?? null,
  });
  return {
    title: `Ban ${target.name}`,
    crumbs: target.crumbs,
    action,
    cancelHref: target.cancelHref,
    members: target.members,
    refusal,
    resumed: false,
    impact: impactOf(about.preview),
    reason: field('reason'),
    message: field('message'),
    duration: { value: fields['duration'] ?? '', error: null, options: durationOptions(fields) },
    until: field('until'),
    scope: { value: fields['scope'] ?? '', error: problems.clients ?? null, options: scopeOptions(fields) },
    clients: about.clients.map(({ id, name }) => {
      const own = clientField(id);
      return { name: own, value: 'yes', label: name, checked: fields[own] !== undefined };
    }),
  };
}

export function banReviewView(
  target: Target,
  action: string,
  fields: Fields,
  about: { ban: NewBan; clients: ClientSummary[]; preview: BanPreview; resumed: boolean },
): BanReviewView {
  const { ban, clients, preview, resumed } = about;
  const named = ban.clientIds?.map((id) => clients.find((client) => client.id === id)?.name ?? id);
  return {
    title: `Ban ${target.name}?`,
    crumbs: target.crumbs,
    action,
    members: target.members,
    resumed,
    impact: impactOf(preview),
    facts: [
      { label: 'Where', value: named ? `Only ${listed(named)}` : 'Everywhere' },
      { label: 'Until', value: ban.until ? moment(ban.until).text : 'Somebody lifts it' },
      { label: 'Reason', value: ban.reason },
      { label: 'They are told', value: ban.message ?? 'Only that the account is blocked' },
    ],
    kept: Object.entries(fields)
      .filter(([name]) => name !== 'step')
      .map(([name, value]) => ({ name, value })),
    button: `Ban ${target.name} now`,
  };
}
