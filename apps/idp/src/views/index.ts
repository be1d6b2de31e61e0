import { wordsIn } from '#i18n/messages.ts';
import type { Problem } from '@portcullis/http';
import { createErrorPage, createPages as createTemplates, inWordsOf, type Brand, type Locale } from '@portcullis/ui';
import { localeOf } from '#i18n/locale.ts';
import { languageHref } from '#i18n/picker.ts';

import { addAccountAssets } from '#account-console/assets.ts';
import { accountPartials, accountTemplates, type AccountViews, type KeepView } from '#account-console/views.ts';
import type { ConsentView } from '#consent/views.ts';
import { addLinkRequestAssets, resendPartial } from '#link-request/assets.ts';
import { addPasskeyAssets, passkeyPartials } from '#passkeys/assets.ts';
import type { NotMeView } from '#devices/routes.ts';
import { linkTemplates, type LinkViews } from '#registration/pages.ts';
import { secondFactorPartials } from '#second-factor/partials.ts';
import { signInPartials } from '#sign-in/partials.ts';
import type { SignInViews } from '#sign-in/views.ts';
import { chrome, type Framed } from './chrome.ts';
import { addPasswordMeterAssets, newPasswordPartial } from './password-meter/assets.ts';
import { problemTexts } from './problems.ts';

export type HomeView = Framed & {
  person: { name: string; email: string } | null;
  /** The addresses of who is signed in in the background. */
  others: string[];
  applications: { name: string; href: string }[];
  switchHref: string;
  signOutHref: string;
};

/**
 * `accounts`: whom signing out everywhere signs out, by address, where there are several; `sid`: as whom the application
 * is left, where that is not the current one.
 */
type SignOutQuestion = { action: string; xsrf: string; sid: string | null; accounts: string[] };

export type SignOutView = Framed &
  SignOutQuestion & {
    client: { name: string } | null;
    cancelHref: string;
  };

export type SignedOutView = Framed & { client: { name: string; uri: string | null } | null };

/** Every page of the identity provider and what it may print. What goes wrong is printed by the error page of @portcullis/ui. */
export type Views = SignInViews &
  AccountViews &
  LinkViews & {
    'account-keep': KeepView;
    consent: ConsentView;
    home: HomeView;
    'not-me': NotMeView;
    'sign-out': SignOutView;
    'signed-out': SignedOutView;
  };

const templates: Record<keyof Views, URL> = {
  ...accountTemplates,
  ...linkTemplates,
  banned: new URL('../sign-in/banned.hbs', import.meta.url),
  'choose-account': new URL('../sign-in/choose-account.hbs', import.meta.url),
  enrol: new URL('../sign-in/enrol.hbs', import.meta.url),
  'enrol-authenticator': new URL('../sign-in/enrol-authenticator.hbs', import.meta.url),
  'recovery-codes': new URL('../sign-in/recovery-codes.hbs', import.meta.url),
  'second-factor': new URL('../sign-in/second-factor.hbs', import.meta.url),
  consent: new URL('../consent/consent.hbs', import.meta.url),
  expired: new URL('../sign-in/expired.hbs', import.meta.url),
  home: new URL('./home.hbs', import.meta.url),
  'not-me': new URL('../devices/not-me.hbs', import.meta.url),
  'sign-in': new URL('../sign-in/sign-in.hbs', import.meta.url),
  'sign-out': new URL('./sign-out.hbs', import.meta.url),
  'signed-out': new URL('./signed-out.hbs', import.meta.url),
};

/** The application a sign-out came from. */
type From = { client: { name: string; uri: string | null } | null; locale: Locale };

export type Pages = ReturnType<typeof createPages>;

/** Compiles all templates; call once. `brand`: who runs this deployment; ours unless said. */
export function createPages(brand?: Brand) {
  addAccountAssets();
  addPasskeyAssets();
  addLinkRequestAssets();
  addPasswordMeterAssets();
  const everywhere = { ...(brand && { brand }), languageHref };
  const render = createTemplates<Views>(templates, {
    words: wordsIn,
    partials: {
      ...accountPartials,
      ...signInPartials,
      ...passkeyPartials,
      ...secondFactorPartials,
      ...newPasswordPartial,
      ...resendPartial,
    },
    ...everywhere,
  });
  const errorPage = createErrorPage(everywhere);
  return { render, signOut, signedOut, problem, protocolProblem: errorPage };

  /** The question before RP-initiated logout: `action` and `xsrf` are those of the provider's own form. */
  function signOut({ locale, ...question }: SignOutQuestion & From): string {
    const title = wordsIn(locale).t('views.sign_out');
    return render('sign-out', {
      ...question,
      chrome: chrome(title, locale),
      cancelHref: question.client?.uri ?? '/',
    });
  }

  /** The end of a sign-out that no application takes back by itself. */
  function signedOut({ client, locale }: From): string {
    return render('signed-out', { chrome: chrome(wordsIn(locale).t('views.signed_out'), locale), client });
  }

  /** What went wrong outside of the protocol. `account`: the language of whoever is signed in. */
  function problem(refused: Problem, ctx: Parameters<typeof localeOf>[0], account?: Locale | null): string {
    const locale = localeOf(ctx, { account });
    return errorPage(inWordsOf(locale, refused, [problemTexts]), locale);
  }
}
