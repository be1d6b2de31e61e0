import type { Context } from 'koa';
import { readQuery } from '@portcullis/http';
import { personOf, type AppSession, type RelyingParty } from '@portcullis/relying-party';
import { createPages, type Chrome } from '@portcullis/ui';
import { wordsIn, wordsOf } from '#i18n/messages.ts';
import { isOperator, mayAct } from './operator.ts';
import { noticeOf, type Notice } from './notices.ts';
import { partials, templates, type Views } from './views.ts';

type Deps = {
  rp: Pick<RelyingParty, 'csrf'>;
  family: { shop: string; forum: string; dashboard: string };
};

/** What every page of the console has beside its own view. */
type Frame = { csrf: string; notice: Notice | null; mayAct: boolean; chrome: Chrome };

export type Show = ReturnType<typeof createShow>;

const SECTIONS = [
  { label: 'pages.overview', href: '/' },
  { label: 'pages.accounts', href: '/accounts' },
  { label: 'pages.bans', href: '/bans' },
  { label: 'pages.audit_log', href: '/audit' },
  { label: 'pages.applications', href: '/applications' },
  { label: 'pages.webhooks', href: '/webhooks' },
  { label: 'pages.everyone', href: '/everyone' },
] as const;

/** Answers with a page inside the console's frame: family bar, sections, who is signed in. */
export function createShow({ rp, family }: Deps) {
  const render = createPages<Views>(templates, { partials, words: wordsIn });
  // By way of their silent sign-in: who is signed in here is signed in there.
  const silently = '/sign-in?silent=1&return_to=/';
  const apps = [
    { name: 'Shop', href: new URL(silently, family.shop).href, current: false },
    { name: 'Forum', href: new URL(silently, family.forum).href, current: false },
    { name: 'Dashboard', href: new URL(silently, family.dashboard).href, current: false },
    { name: 'Admin', href: '/', current: true },
  ];
  return { page };

  function page<Name extends keyof Views>(ctx: Context, name: Name, title: string, view: Views[Name]): void {
    const session = ctx.state['session'] as AppSession | undefined;
    const csrf = rp.csrf.token(ctx);
    const words = wordsOf(ctx);
    const frame: Frame = {
      csrf,
      notice: noticeOf(words, readQuery(ctx)),
      mayAct: session !== undefined && mayAct(ctx),
      chrome: {
        locale: words.locale,
        title,
        product: 'Admin',
        tone: 'admin',
        width: 'wide',
        apps,
        nav: isOperator(session)
          ? SECTIONS.map(({ label, href }) => ({ label: words.t(label), href, current: isAt(ctx.path, href) }))
          : [],
        person: session
          ? { name: personOf(ctx).name, signOut: { action: '/sign-out', csrf } }
          : { signInHref: '/sign-in' },
      },
    };
    ctx.type = 'html';
    ctx.body = render(name, { ...view, ...frame });
  }
}

function isAt(path: string, href: string): boolean {
  return href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
}
