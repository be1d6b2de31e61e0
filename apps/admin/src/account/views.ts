import type {
  AccountApplicationsAnswer,
  AccountDetail,
  AccountSessionsAnswer,
  AuditAnswer,
  Ban,
} from '@portcullis/contracts';
import type { AdminWords } from '#i18n/messages.ts';
import { badgeOf, type Badge, initialOf } from '#accounts/views.ts';
import { type EventView, eventView } from '#audit/events.ts';
import { type BanRow, banRow } from '#bans/ban-row.ts';
import { type Keyset, keyset } from '#pages/keyset.ts';
import { type Moment, moment, momentOrNull } from '#pages/moment.ts';
import { deviceIcon, deviceOf } from './device.ts';

export type Tab = 'overview' | 'sessions' | 'applications' | 'activity' | 'bans';

/** What stands above the tabs of every page of an account. */
export type AccountHead = {
  id: string;
  href: string;
  initial: string;
  name: string;
  email: string;
  badge: Badge;
  roles: string[];
  isSelf: boolean;
  isBanned: boolean;
  /** The longest ban in force, a ban from named applications included. */
  ban: BanRow | null;
  tabs: { label: string; href: string; current: boolean }[];
  crumbs: { label: string; href: string }[];
};

export type SessionRow = {
  id: string;
  device: string;
  icon: string;
  userAgent: string | null;
  address: string;
  place: string | null;
  startedAt: Moment;
  lastUsedAt: Moment;
  expiresAt: Moment;
  applications: string[];
  endHref: string;
};
export type ApplicationRow = {
  clientId: string;
  name: string;
  scopes: string[];
  firstUsedAt: Moment;
  sessions: number;
  withdrawHref: string;
};

export type AccountOverviewView = {
  account: AccountHead;
  emailVerified: boolean;
  createdAt: Moment;
  lastSignInAt: Moment | null;
  sessions: SessionRow[];
  applications: ApplicationRow[];
  events: EventView[];
};
export type AccountSessionsView = { account: AccountHead; sessions: SessionRow[] };
export type AccountApplicationsView = { account: AccountHead; applications: ApplicationRow[] };
export type AccountActivityView = { account: AccountHead; events: EventView[]; pages: Keyset | null };
export type AccountBansView = { account: AccountHead; bans: BanRow[] };

const TABS = [
  { tab: 'overview', label: 'pages.overview', path: '' },
  { tab: 'sessions', label: 'pages.sessions', path: '/sessions' },
  { tab: 'applications', label: 'pages.applications', path: '/applications' },
  { tab: 'activity', label: 'account.activity', path: '/activity' },
  { tab: 'bans', label: 'pages.bans', path: '/bans' },
] as const;

export function accountHead(words: AdminWords, account: AccountDetail, tab: Tab, self: string): AccountHead {
  const { id, email, roles, status, ban } = account;
  const href = `/accounts/${id}`;
  return {
    id,
    href,
    initial: initialOf(account),
    name: account.name || email,
    email,
    badge: badgeOf(words, status),
    roles,
    isSelf: id === self,
    isBanned: status === 'banned',
    ban: ban && banRow(words, ban),
    tabs: TABS.map(({ tab: each, label, path }) => ({
      label: words.t(label),
      href: href + path,
      current: each === tab,
    })),
    crumbs: [{ label: words.t('pages.accounts'), href: '/accounts' }],
  };
}

export function overviewView(
  words: AdminWords,
  account: AccountDetail,
  head: AccountHead,
  { sessions, applications, events }: AccountSessionsAnswer & AccountApplicationsAnswer & Pick<AuditAnswer, 'events'>,
): AccountOverviewView {
  return {
    account: head,
    emailVerified: account.emailVerified,
    createdAt: moment(words, account.createdAt),
    lastSignInAt: momentOrNull(words, account.lastSignInAt),
    sessions: sessionRows(words, head.href, sessions),
    applications: applicationRows(words, head.href, applications),
    events: events.map((event) => eventView(words, event, head.id)),
  };
}

export function sessionRows(
  words: AdminWords,
  account: string,
  sessions: AccountSessionsAnswer['sessions'],
): SessionRow[] {
  return sessions.map(({ id, userAgent, address, place, createdAt, lastUsedAt, expiresAt, applications }) => ({
    id,
    device: deviceOf(words, userAgent),
    icon: deviceIcon(userAgent),
    userAgent,
    address: address ?? words.t('pages.unknown'),
    place,
    startedAt: moment(words, createdAt),
    lastUsedAt: moment(words, lastUsedAt),
    expiresAt: moment(words, expiresAt),
    applications,
    endHref: `${account}/sessions/${encodeURIComponent(id)}/end`,
  }));
}

export function applicationRows(
  words: AdminWords,
  account: string,
  applications: AccountApplicationsAnswer['applications'],
): ApplicationRow[] {
  return applications.map(({ clientId, name, scopes, firstUsedAt, sessions }) => ({
    clientId,
    name,
    scopes,
    firstUsedAt: moment(words, firstUsedAt),
    sessions,
    withdrawHref: `${account}/applications/${encodeURIComponent(clientId)}/withdraw`,
  }));
}

export function activityView(
  words: AdminWords,
  head: AccountHead,
  answer: AuditAnswer,
  after: string | undefined,
): AccountActivityView {
  return {
    account: head,
    events: answer.events.map((event) => eventView(words, event, head.id)),
    pages: keyset(`${head.href}/activity`, {}, { after, next: answer.next }),
  };
}

export function bansView(words: AdminWords, head: AccountHead, bans: Ban[]): AccountBansView {
  return { account: head, bans: bans.map((ban) => banRow(words, ban)) };
}
