import type { AccountStatus, AccountsAnswer, AccountSummary } from '@portcullis/contracts';
import { type Keyset, keyset } from '#pages/keyset.ts';
import { type Moment, moment } from '#pages/moment.ts';

export type Badge = { label: string; tone: 'success' | 'danger' | 'warning' };
export type AccountRow = {
  id: string;
  href: string;
  initial: string;
  name: string;
  email: string;
  roles: string[];
  badge: Badge;
  createdAt: Moment;
  /** May be picked for a ban: not yet banned, and not oneself. */
  pickable: boolean;
};
export type AccountsView = {
  q: string;
  statuses: { value: string; label: string; selected: boolean }[];
  accounts: AccountRow[];
  found: string;
  pages: Keyset | null;
  problem: string | null;
};

const BADGES: Record<AccountStatus, Badge> = {
  active: { label: 'active', tone: 'success' },
  banned: { label: 'banned', tone: 'danger' },
  disabled: { label: 'disabled', tone: 'warning' },
};
const STATUSES = [
  { value: '', label: 'Any status' },
  { value: 'active', label: 'Active' },
  { value: 'banned', label: 'Banned' },
  { value: 'disabled', label: 'Disabled' },
];

type Asked = { q: string | undefined; status: string | undefined; after: string | undefined };

export function accountsView(answer: AccountsAnswer, asked: Asked, self: string, problem: string | null): AccountsView {
  const { q, status } = asked;
  return {
    q: q ?? '',
    statuses: STATUSES.map((each) => ({ ...each, selected: each.value === (status ?? '') })),
    accounts: answer.accounts.map((account) => accountRow(account, self)),
    found: q || status ? 'Nothing fits this search' : 'There is no account yet',
    pages: keyset('/accounts', { q, status }, { after: asked.after, next: answer.next }),
    problem,
  };
}

function accountRow(account: AccountSummary, self: string): AccountRow {
  const { id, name, email, roles, status } = account;
  return {
    id,
    href: `/accounts/${id}`,
    initial: initialOf(account),
    name: name || email,
    email,
    roles,
    badge: badgeOf(status),
    createdAt: moment(account.createdAt),
    pickable: id !== self && status !== 'banned',
  };
}

export function badgeOf(status: AccountStatus): Badge {
  return BADGES[status];
}

export function initialOf({ name, email }: Pick<AccountSummary, 'name' | 'email'>): string {
  return String.fromCodePoint((name || email).codePointAt(0) ?? 63);
}
