import type { AccountStatus, AccountsAnswer, AccountSummary } from '@portcullis/contracts';
import type { AdminWords } from '#i18n/messages.ts';
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

const TONES = { active: 'success', banned: 'danger', disabled: 'warning' } as const;
const STATUSES = ['active', 'banned', 'disabled'] as const;

type Asked = { q: string | undefined; status: string | undefined; after: string | undefined };

export function accountsView(
  words: AdminWords,
  answer: AccountsAnswer,
  asked: Asked,
  self: string,
  problem: string | null,
): AccountsView {
  const { t } = words;
  const { q, status } = asked;
  return {
    q: q ?? '',
    statuses: [
      { value: '', label: t('accounts.any_status'), selected: !status },
      ...STATUSES.map((each) => ({ value: each, label: t(`accounts.status_${each}`), selected: each === status })),
    ],
    accounts: answer.accounts.map((account) => accountRow(words, account, self)),
    found: t(q || status ? 'accounts.nothing_fits' : 'accounts.no_account'),
    pages: keyset('/accounts', { q, status }, { after: asked.after, next: answer.next }),
    problem,
  };
}

function accountRow(words: AdminWords, account: AccountSummary, self: string): AccountRow {
  const { id, name, email, roles, status } = account;
  return {
    id,
    href: `/accounts/${id}`,
    initial: initialOf(account),
    name: name || email,
    email,
    roles,
    badge: badgeOf(words, status),
    createdAt: moment(words, account.createdAt),
    pickable: id !== self && status !== 'banned',
  };
}

export function badgeOf({ t }: AdminWords, status: AccountStatus): Badge {
  return { label: t(`accounts.badge_${status}`), tone: TONES[status] };
}

export function initialOf({ name, email }: Pick<AccountSummary, 'name' | 'email'>): string {
  return String.fromCodePoint((name || email).codePointAt(0) ?? 63);
}
