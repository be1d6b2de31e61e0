import type { Csrf } from '@portcullis/http';
import type { Context } from 'koa';
import type { IdpWords } from '#i18n/messages.ts';
import { chrome } from '#views/chrome.ts';
import type { Pages } from '#views/index.ts';
import { switchPath } from './client.ts';
import type { Person } from './door.ts';
import type { Notices } from './notices.ts';
import type { AccountPage, AccountViews, Console } from './views.ts';

/** Of any of these pages: which fields it needs, `Show` says where it is called. */
type Render = (name: AccountPage, view: object) => string;
type Key = Parameters<IdpWords['t']>[0];
type What<Name extends AccountPage> = {
  view: Omit<AccountViews[Name], keyof Console>;
  status?: number;
};

export type Show = <Name extends AccountPage>(
  ctx: Context,
  person: Person,
  name: Name,
  title: Key,
  what: What<Name>,
) => void;

const sections = [
  ['/account', 'account.nav_profile'],
  ['/account/security', 'account.nav_security'],
  ['/account/sessions', 'account.nav_sessions'],
  ['/account/applications', 'account.nav_applications'],
  ['/account/activity', 'account.nav_activity'],
  ['/account/data', 'account.nav_data'],
] as const;
/** Pages whose address does not lie below that of their section. */
const sectionOf: Record<string, string> = { '/account/email': '/account', '/account/delete': '/account/data' };
/** Forms that send to an address of their own and, refused, are shown again as the page they are on. */
const pageOf: Record<string, string> = { '/account/profile': '/account', '/account/picture': '/account' };

/** A page of the console: in its frame, with what the last act came to. */
export function createShow({ render, csrf, notices }: { render: Pages['render']; csrf: Csrf; notices: Notices }): Show {
  return (ctx, { account, words }, name, title, { view, status = 200 }) => {
    const { t, locale } = words;
    const token = csrf.token(ctx);
    const notice = notices.take(ctx);
    const path = pageOf[ctx.path] ?? ctx.path;
    const nav = sections.map(([href, label]) => ({ label: t(label), href, current: isCurrent(href, path) }));
    const framed = {
      ...view,
      csrf: token,
      section: nav.find(({ href, current }) => current && href !== path) ?? null,
      deletion: account.deletionAt,
      chrome: {
        ...chrome(t(title), locale),
        width: 'wide' as const,
        nav,
        person: { name: account.name, switchHref: switchPath, signOut: { action: '/account/sign-out', csrf: token } },
        toast: notice ? { tone: 'success' as const, text: t(notice) } : null,
      },
    };
    ctx.status = status;
    ctx.type = 'html';
    ctx.body = (render as Render)(name, framed);
  };
}

function isCurrent(href: string, path: string): boolean {
  const at = sectionOf[path] ?? path;
  return at === href || (href !== '/account' && at.startsWith(`${href}/`));
}
