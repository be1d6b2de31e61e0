import type { CheckboxState, FieldState, Locale } from '@portcullis/ui';
import { accountClientId } from '#account-console/client.ts';
import type { BanNotice } from '#accounts/service.ts';
import { inLanguage } from '#i18n/locale.ts';
import { wordsIn, type IdpWords } from '#i18n/messages.ts';
import type { PasskeyFormView, PasskeyRegistrationView } from '#passkeys/views.ts';
import type { Enrolment } from '#second-factor/totp.ts';
import { chrome, type Framed } from '#views/chrome.ts';
import { codeErrorOf, type Notice, noticeOf } from './problem-text.ts';
import type { Refusal } from './refusals.ts';
import type { Method } from './steps.ts';

/** The application somebody is signing in to, as its pages show it. */
type ClientView = { name: string; logoUrl: string | null; initial: string };
type PersonView = { email: string; initial: string };
/** What every page of a sign-in prints. */
type Frame = Framed & { client: ClientView; csrf: string; cancelAction: string; cancelLabel: string };
type Identified = Frame & { person: PersonView; restartAction: string };

type SignInView = Frame & {
  heading: string;
  notice: Notice;
  action: string;
  registerHref: string;
  resetHref: string;
  email: FieldState & { focus: boolean };
  password: FieldState & { focus: boolean };
  remember: CheckboxState;
  passkey: PasskeyFormView;
};

type SecondFactorView = Identified & {
  heading: string;
  notice: Notice;
  action: string;
  method: Method;
  passkey: PasskeyFormView | null;
  code: (FieldState & { label: string; hint: string; inputmode: string; ready: boolean }) | null;
  sendAction: string | null;
  waitSeconds: number;
  trust: CheckboxState | null;
  others: { href: string; label: string }[];
};

type EnrolView = Identified & {
  notice: Notice;
  authenticatorHref: string | null;
  passkey: PasskeyRegistrationView;
};
type EnrolAuthenticatorView = Frame & {
  notice: Notice;
  action: string;
  backHref: string;
  enrolment: Enrolment;
  code: FieldState;
};
type RecoveryCodesView = Frame & { codes: string[]; action: string; downloadHref: string };

type Choice = {
  id: string;
  name: string;
  email: string;
  /** Goes on without a password, unless the request demands one. */
  signedIn: boolean;
  preselected: boolean;
  /** It is in the list because it is remembered. */
  forgettable: boolean;
};
type ChooseAccountView = Frame & {
  accounts: (Choice & { initial: string })[];
  forgettable: Choice[];
  action: string;
  forgetAction: string;
};

type BannedView = Frame & {
  heading: string;
  message: string;
  note: string | null;
  until: Date | null;
  backLabel: string;
};
type ExpiredView = Framed & { back: { name: string; url: string } | null };

/** The pages of a sign-in, under their names. */
export type SignInViews = {
  banned: BannedView;
  'choose-account': ChooseAccountView;
  enrol: EnrolView;
  'enrol-authenticator': EnrolAuthenticatorView;
  expired: ExpiredView;
  'recovery-codes': RecoveryCodesView;
  'second-factor': SecondFactorView;
  'sign-in': SignInView;
};

/** The sign-in under way, as far as its pages show it. */
export type Flow = {
  uid: string;
  csrf: string;
  locale: Locale;
  client: { id: string; name: string; logoUrl: string | null; hue: number | null };
};

export function signInView(
  flow: Flow,
  o: { email: string; reauthenticate: boolean; passkey: PasskeyFormView; refusal?: Refusal | undefined },
): SignInView {
  const { t } = wordsIn(flow.locale);
  const email = o.refusal?.email ?? o.email;
  return {
    ...frame(flow, t('sign_in.title')),
    heading: o.reauthenticate ? t('sign_in.confirm_heading') : t('sign_in.title'),
    notice: noticeOf(flow, o.refusal),
    action: pathOf(flow),
    registerHref: inLanguage(`/register?from=${flow.uid}`, flow.locale),
    resetHref: inLanguage(`/reset-password?from=${flow.uid}`, flow.locale),
    email: { value: email, error: null, focus: email === '' },
    password: { value: '', error: null, focus: email !== '' },
    remember: { checked: o.refusal?.remember ?? false },
    passkey: o.passkey,
  };
}

const methodTitle = {
  passkey: 'sign_in.use_passkey',
  totp: 'sign_in.use_totp',
  recovery_code: 'sign_in.use_recovery_code',
  email_code: 'sign_in.use_email_code',
} as const;

export function secondFactorView(
  flow: Flow,
  o: {
    person: { email: string };
    method: Method;
    others: Method[];
    passkey: PasskeyFormView | null;
    /** A code has been mailed. */
    sent: boolean;
    /** Until another can be. */
    waitSeconds: number;
    mayTrust: boolean;
    refusal?: Refusal | undefined;
  },
): SecondFactorView {
  const { t } = wordsIn(flow.locale);
  const base = pathOf(flow, '/second-factor');
  const { method, sent } = o;
  const codeError = codeErrorOf(flow, o.refusal);
  return {
    ...identified(flow, t('sign_in.factor_heading'), o.person),
    heading: t('sign_in.factor_heading'),
    notice: codeError === null ? noticeOf(flow, o.refusal) : null,
    action: base,
    method,
    passkey: o.passkey,
    code:
      method === 'passkey'
        ? null
        : {
            value: '',
            error: codeError,
            label: t(`sign_in.${method}`),
            hint: hintOf(t, { method, sent, email: o.person.email }),
            inputmode: method === 'recovery_code' ? 'text' : 'numeric',
            ready: method !== 'email_code' || sent,
          },
    sendAction: method === 'email_code' ? `${base}/mail` : null,
    waitSeconds: o.waitSeconds,
    trust: o.mayTrust ? { checked: false } : null,
    others: o.others.map((other) => ({ href: `${base}?method=${other}`, label: t(methodTitle[other]) })),
  };
}

function hintOf(t: IdpWords['t'], o: { method: Exclude<Method, 'passkey'>; sent: boolean; email: string }): string {
  if (o.method !== 'email_code') return t(`sign_in.${o.method}_hint`);
  return t(o.sent ? 'sign_in.email_code_sent' : 'sign_in.email_code_hint', { email: o.email });
}

export function enrolView(
  flow: Flow,
  o: {
    person: { email: string };
    authenticator: boolean;
    passkey: PasskeyRegistrationView;
    refusal?: Refusal | undefined;
  },
): EnrolView {
  const { t } = wordsIn(flow.locale);
  return {
    ...identified(flow, t('sign_in.enrol_heading'), o.person),
    notice: noticeOf(flow, o.refusal),
    authenticatorHref: o.authenticator ? pathOf(flow, '/enrol/authenticator') : null,
    passkey: o.passkey,
  };
}

export function enrolAuthenticatorView(
  flow: Flow,
  o: { enrolment: Enrolment; refusal?: Refusal | undefined },
): EnrolAuthenticatorView {
  const codeError = codeErrorOf(flow, o.refusal);
  return {
    ...frame(flow, wordsIn(flow.locale).t('second_factor.set_up')),
    notice: codeError === null ? noticeOf(flow, o.refusal) : null,
    action: pathOf(flow, '/enrol/authenticator'),
    backHref: pathOf(flow, '/enrol'),
    enrolment: o.enrolment,
    code: { value: '', error: codeError },
  };
}

export function recoveryCodesView(flow: Flow, codes: string[]): RecoveryCodesView {
  return {
    ...frame(flow, wordsIn(flow.locale).t('sign_in.codes_heading')),
    codes,
    action: pathOf(flow, '/recovery-codes'),
    downloadHref: pathOf(flow, '/recovery-codes/download'),
  };
}

export function chooseAccountView(flow: Flow, accounts: Choice[]): ChooseAccountView {
  return {
    ...frame(flow, wordsIn(flow.locale).t('sign_in.choose_heading')),
    accounts: accounts.map((account) => ({ ...account, initial: initialOf(account.name) })),
    forgettable: accounts.filter(({ forgettable }) => forgettable),
    action: pathOf(flow, '/account'),
    forgetAction: pathOf(flow, '/account/forget'),
  };
}

export function bannedView(flow: Flow, ban: BanNotice | 'disabled'): BannedView {
  const { t } = wordsIn(flow.locale);
  const reason = ban === 'disabled' ? 'disabled' : 'banned';
  return {
    ...frame(flow, t(`sign_in.${reason}_title`)),
    heading: t(`sign_in.${reason}_heading`),
    message: t(`sign_in.${reason}`),
    note: ban === 'disabled' ? null : ban.message,
    until: ban === 'disabled' ? null : ban.until,
    backLabel: isOurs(flow) ? t('sign_in.all_applications') : t('sign_in.back_to', { name: flow.client.name }),
  };
}

export function expiredView(back: ExpiredView['back'], locale: Locale): ExpiredView {
  return { chrome: chrome(wordsIn(locale).t('sign_in.expired_heading'), locale), back };
}

export function pathOf({ uid }: Pick<Flow, 'uid'>, step = ''): string {
  return `/sign-in/${uid}${step}`;
}

function frame(flow: Flow, title: string): Frame {
  const { t } = wordsIn(flow.locale);
  const { logoUrl, hue } = flow.client;
  const name = isOurs(flow) ? t('sign_in.your_account') : flow.client.name;
  return {
    chrome: chrome(title, flow.locale, { hue }),
    client: { name, logoUrl, initial: initialOf(name) },
    csrf: flow.csrf,
    cancelAction: pathOf(flow, '/cancel'),
    cancelLabel: isOurs(flow) ? t('sign_in.cancel_here') : t('sign_in.cancel', { name }),
  };
}

/** To the account console people sign in as to any application, but it is no other place than this one. */
function isOurs({ client }: Flow): boolean {
  return client.id === accountClientId;
}

function identified(flow: Flow, title: string, { email }: { email: string }): Identified {
  const person = { email, initial: initialOf(email) };
  return { ...frame(flow, title), person, restartAction: pathOf(flow, '/restart') };
}

function initialOf(name: string): string {
  return String.fromCodePoint(name.codePointAt(0) ?? 63).toUpperCase();
}
