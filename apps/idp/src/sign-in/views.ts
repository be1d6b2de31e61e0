import type { CheckboxState, FieldState } from '@portcullis/ui';

import type { BanNotice } from '#accounts/service.ts';
import { chrome, type Framed } from '#views/chrome.ts';

/** The application somebody is signing in to, as its pages show it. */
export type ClientView = { name: string; logoUrl: string | null; initial: string };

export type SignInView = Framed & {
  client: ClientView;
  heading: string;
  notice: { tone: 'danger' | 'warning'; text: string } | null;
  action: string;
  cancelAction: string;
  csrf: string;
  email: FieldState & { focus: boolean };
  password: FieldState & { focus: boolean };
  remember: CheckboxState;
};

export type BannedView = Framed & {
  client: ClientView;
  heading: string;
  message: string;
  until: { machine: string; human: string } | null;
  cancelAction: string;
  csrf: string;
};

export type ExpiredView = Framed & { back: { name: string; url: string } | null };

/** The sign-in under way, as far as its pages show it. */
export type Flow = {
  uid: string;
  csrf: string;
  client: { name: string; logoUrl: string | null };
  loginHint: string | null;
  /** The e-mail address of the person who is signed in already and only has to confirm it. */
  signedInAs: string | null;
  reauthenticate: boolean;
};

export type SignInProblem =
  | { reason: 'incomplete' }
  | { reason: 'wrong_credentials' }
  | { reason: 'throttled' | 'busy'; retryAfterSeconds: number };

export type SignInForm = { email: string; remember: boolean; problem: SignInProblem };

export function signInView(flow: Flow, form?: SignInForm): SignInView {
  const email = form?.email ?? flow.signedInAs ?? flow.loginHint ?? '';
  return {
    chrome: chrome('Sign in'),
    client: clientView(flow.client),
    heading: flow.reauthenticate ? 'Confirm that it is you' : 'Sign in',
    notice: form ? { tone: toneOf(form.problem), text: textOf(form.problem) } : null,
    action: `/sign-in/${flow.uid}`,
    cancelAction: cancelAction(flow),
    csrf: flow.csrf,
    email: { value: email, error: null, focus: email === '' },
    password: { value: '', error: null, focus: email !== '' },
    remember: { checked: form?.remember ?? false },
  };
}

export function bannedView(flow: Flow, ban: BanNotice | 'disabled'): BannedView {
  const disabled = ban === 'disabled';
  return {
    chrome: chrome(disabled ? 'Account switched off' : 'Account blocked'),
    client: clientView(flow.client),
    heading: disabled ? 'This account is switched off' : 'This account is blocked',
    message: disabled
      ? 'It cannot be used to sign in at present.'
      : (ban.message ?? 'You cannot sign in with this account at present.'),
    until: disabled || !ban.until ? null : { machine: ban.until.toISOString(), human: whenText(ban.until) },
    cancelAction: cancelAction(flow),
    csrf: flow.csrf,
  };
}

export function expiredView(back: ExpiredView['back']): ExpiredView {
  return { chrome: chrome('That took too long'), back };
}

function clientView({ name, logoUrl }: Flow['client']): ClientView {
  return { name, logoUrl, initial: String.fromCodePoint(name.codePointAt(0) ?? 63).toUpperCase() };
}

function cancelAction(flow: Flow): string {
  return `/sign-in/${flow.uid}/cancel`;
}

function toneOf(problem: SignInProblem): 'danger' | 'warning' {
  return problem.reason === 'throttled' || problem.reason === 'busy' ? 'warning' : 'danger';
}

function textOf(problem: SignInProblem): string {
  switch (problem.reason) {
    case 'incomplete':
      return 'Enter your email and your password.';
    case 'wrong_credentials':
      return 'That email and password do not go together. Check both and try again.';
    case 'throttled':
      return `Too many attempts. Please try again in ${waitText(problem.retryAfterSeconds)}.`;
    case 'busy':
      return `Many people are signing in right now. Please try again in ${waitText(problem.retryAfterSeconds)}.`;
  }
}

/** Rounded up: whoever comes back when told to is let in. */
function waitText(seconds: number): string {
  const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function whenText(at: Date): string {
  return `${at.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })} UTC`;
}
