import type { CheckboxState, FieldState, SelectState } from '@portcullis/ui';
import type { Origin } from '#places/service.ts';
import type { PasskeyListView, PasskeyRegistrationView } from '#passkeys/views.ts';
import type { Enrolment } from '#second-factor/totp.ts';
import type { Framed } from '#views/chrome.ts';
import type { Device } from './device.ts';

/** What every page of the console has beside its own. `section`: that of the navigation which the page lies below. */
export type Console = Framed & {
  csrf: string;
  deletion: Date | null;
  section: { label: string; href: string } | null;
};

export type SessionLine = Device &
  Origin & {
    uid: string;
    createdAt: Date;
    lastUsedAt: Date;
    applications: string;
    current: boolean;
  };
export type ApplicationLine = {
  clientId: string;
  name: string;
  initial: string;
  /** Of somebody else's application: where it is. */
  domain: string | null;
  scopes: string[];
  since: Date;
  lastUsed: Date;
  sessions: number;
};
export type ActivityLine = Origin & {
  icon: string;
  tone: string;
  sentence: string;
  by: string | null;
  at: Date;
};

/** Every page of the console and what it may print. */
export type AccountViews = {
  'account-activity': Console & { events: ActivityLine[]; olderHref: string | null; newestHref: string | null };
  'account-applications': Console & { applications: ApplicationLine[] };
  'account-authenticator': Console & { enrolment: Enrolment | null; code: FieldState };
  'account-confirm': Console & { href: string; secondFactor: boolean };
  'account-data': Console & { days: number };
  'account-delete': Console & { email: FieldState; address: string; days: number };
  'account-email': Console & { address: string; email: FieldState };
  'account-passkeys': Console & PasskeyListView & { passkey: PasskeyRegistrationView; problem: string | null };
  'account-password': Console & {
    address: string;
    least: number;
    /** It is to be all that is left. */
    mustStandAlone: boolean;
    password: FieldState;
    signOutOthers: CheckboxState;
  };
  'account-profile': Console & {
    name: FieldState;
    language: SelectState;
    email: string;
    emailVerified: boolean;
    picture: string | null;
    initial: string;
    pictureError: string | null;
    pictureMaxBytes: number;
  };
  'account-recovery-codes': Console & {
    left: number;
    useful: boolean;
    /** Just made: to be read now or never. */
    codes: string[] | null;
    file: string | null;
    fileName: string;
  };
  'account-security': Console & {
    hasPassword: boolean;
    passwordChangedAt: Date | null;
    passkeys: number;
    authenticator: boolean;
    recoveryCodes: number;
    devices: (Device & { id: string; expiresAt: Date; here: boolean })[];
    severalDevices: boolean;
  };
  'account-sessions': Console & { sessions: SessionLine[]; others: boolean };
};
export type AccountPage = keyof AccountViews;

/** Where the link of the mail leads, outside of the console. */
export type KeepView = Framed & { csrf: string; token: string; at: Date };

const file = (name: string): URL => new URL(`./${name}.hbs`, import.meta.url);
export const accountTemplates: Record<AccountPage | 'account-keep', URL> = {
  'account-activity': file('activity'),
  'account-applications': file('applications'),
  'account-authenticator': file('authenticator'),
  'account-confirm': file('confirm'),
  'account-data': file('data'),
  'account-delete': file('delete'),
  'account-email': file('email'),
  'account-keep': file('keep'),
  'account-passkeys': file('passkeys'),
  'account-password': file('password'),
  'account-profile': file('profile'),
  'account-recovery-codes': file('recovery-codes'),
  'account-security': file('security'),
  'account-sessions': file('sessions'),
};
export const accountPartials = { console: file('console') };
