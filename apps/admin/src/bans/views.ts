import type { BanPreview, ClientSummary, NewBan } from '@portcullis/contracts';
import type { FieldState } from '@portcullis/ui';
import type { AdminWords } from '#i18n/messages.ts';
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
  words: AdminWords,
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
    title: words.t('bans.ban_target', { name: target.name }),
    crumbs: target.crumbs,
    action,
    cancelHref: target.cancelHref,
    members: target.members,
    refusal,
    resumed: false,
    impact: impactOf(words, about.preview),
    reason: field('reason'),
    message: field('message'),
    duration: { value: fields['duration'] ?? '', error: null, options: durationOptions(words, fields) },
    until: field('until'),
    scope: { value: fields['scope'] ?? '', error: problems.clients ?? null, options: scopeOptions(words, fields) },
    clients: about.clients.map(({ id }) => {
      const own = clientField(id);
      return { name: own, value: 'yes', label: toldApart(about.clients, id), checked: fields[own] !== undefined };
    }),
  };
}

export function banReviewView(
  words: AdminWords,
  target: Target,
  action: string,
  fields: Fields,
  about: { ban: NewBan; clients: ClientSummary[]; preview: BanPreview; resumed: boolean },
): BanReviewView {
  const { t, locale } = words;
  const { ban, clients, preview, resumed } = about;
  const named = ban.clientIds?.map((id) => toldApart(clients, id));
  return {
    title: t('bans.ban_target_question', { name: target.name }),
    crumbs: target.crumbs,
    action,
    members: target.members,
    resumed,
    impact: impactOf(words, preview),
    facts: [
      {
        label: t('pages.where'),
        value: named ? t('bans.only', { names: listed(named, locale) }) : t('pages.everywhere'),
      },
      { label: t('pages.until'), value: ban.until ? moment(words, ban.until).text : t('bans.somebody_lifts_fact') },
      { label: t('pages.reason'), value: ban.reason },
      { label: t('bans.they_are_told'), value: ban.message ?? t('bans.only_blocked_fact') },
    ],
    kept: Object.entries(fields)
      .filter(([name]) => name !== 'step')
      .map(([name, value]) => ({ name, value })),
    button: t('bans.ban_target_now', { name: target.name }),
  };
}

/** An application's name, with its id where another one bears the same name. */
function toldApart(clients: ClientSummary[], id: string): string {
  const name = clients.find((client) => client.id === id)?.name ?? id;
  return clients.some((client) => client.id !== id && client.name === name) ? `${name} (${id})` : name;
}
