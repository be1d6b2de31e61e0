import { wordsIn } from '#i18n/messages.ts';
import { createPages as createTemplates, errorPage } from '@portcullis/ui';

import type { BannedView, ExpiredView, SignInView } from '#sign-in/views.ts';
import { chrome, type Framed } from './chrome.ts';

export type HomeView = Framed & {
  person: { name: string; email: string } | null;
  applications: { name: string; href: string }[];
  signOutHref: string;
};

export type SignOutView = Framed & {
  action: string;
  xsrf: string;
  client: { name: string } | null;
  cancelHref: string;
};

export type SignedOutView = Framed & { client: { name: string; uri: string | null } | null };

/** Every page of the identity provider and what it may print. What goes wrong is printed by `errorPage` of @portcullis/ui. */
export type Views = {
  banned: BannedView;
  expired: ExpiredView;
  home: HomeView;
  'sign-in': SignInView;
  'sign-out': SignOutView;
  'signed-out': SignedOutView;
};

const templates: Record<keyof Views, URL> = {
  banned: new URL('../sign-in/banned.hbs', import.meta.url),
  expired: new URL('../sign-in/expired.hbs', import.meta.url),
  home: new URL('./home.hbs', import.meta.url),
  'sign-in': new URL('../sign-in/sign-in.hbs', import.meta.url),
  'sign-out': new URL('./sign-out.hbs', import.meta.url),
  'signed-out': new URL('./signed-out.hbs', import.meta.url),
};

/** The application a sign-out came from. */
type From = { client: { name: string; uri: string | null } | null };

export type Pages = ReturnType<typeof createPages>;

/** Compiles all templates; call once. */
export function createPages() {
  const render = createTemplates<Views>(templates, { words: wordsIn });
  return { render, signOut, signedOut, problem: errorPage('Portcullis') };

  /** The question before RP-initiated logout: `action` and `xsrf` are those of the provider's own form. */
  function signOut({ action, xsrf, client }: { action: string; xsrf: string } & From): string {
    return render('sign-out', { chrome: chrome('Sign out'), action, xsrf, client, cancelHref: client?.uri ?? '/' });
  }

  /** The end of a sign-out that no application takes back by itself. */
  function signedOut({ client }: From): string {
    return render('signed-out', { chrome: chrome('Signed out'), client });
  }
}
