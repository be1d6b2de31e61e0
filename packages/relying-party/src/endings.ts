import type { Cause } from '@portcullis/revocation';

/** Why a session ended, to the person whose it was: what happened, and what to do next. `signIn`: whether a new sign-in is of use. */
export type Ending = { title: string; happened: string; next: string; signIn: boolean };

const again = { signIn: true, next: 'Sign in to go on.' };

export const endings: Record<Cause, Ending> = {
  ban: {
    title: 'You were signed out: your account has been blocked',
    happened: 'Your account has been blocked.',
    next: 'If you think that this is a mistake, write to whoever runs this site.',
    signIn: false,
  },
  unban: {
    ...again,
    title: 'You were signed out: your account was blocked for a while',
    happened: 'Your account was blocked and is open again.',
  },
  sign_out: {
    ...again,
    title: 'You were signed out',
    happened: 'You signed out, here or in another application.',
  },
  session_ended: {
    ...again,
    title: 'You were signed out: your session was ended',
    happened: 'This session was ended from the list of your sessions, by an administrator or by the sign-in service.',
  },
  password_changed: {
    title: 'You were signed out: your password was changed',
    happened: 'The password of your account was changed, which ends every session that began with the old one.',
    next: 'Sign in with the new password. If it was not you who changed it, have it reset now.',
    signIn: true,
  },
  factor_changed: {
    title: 'You were signed out: how you sign in was changed',
    happened: 'A second factor of your account was changed, which ends every session that began before.',
    next: 'Sign in again. If it was not you who changed it, change your password now.',
    signIn: true,
  },
  consent_withdrawn: {
    title: 'You were signed out: you took back your permission',
    happened: 'You took back what you had allowed this application.',
    next: 'If you want to use it again, sign in, and you will be asked anew.',
    signIn: true,
  },
  refresh_reuse: {
    title: 'You were signed out to be safe',
    happened: 'A key of your session was used twice, as happens when somebody has copied it. So we ended the session.',
    next: 'Sign in again. If that was on a device you do not trust, change your password.',
    signIn: true,
  },
  code_reuse: {
    title: 'You were signed out to be safe',
    happened: 'Your sign-in was presented twice, as happens when somebody has copied it. So we ended the session.',
    next: 'Sign in again. If that was on a device you do not trust, change your password.',
    signIn: true,
  },
  roles_changed: {
    ...again,
    title: 'You were signed out: your roles have changed',
    happened: 'What your account may do has changed.',
  },
  client_disabled: {
    title: 'You were signed out: this application is switched off',
    happened: 'This application has been switched off, so nobody can sign in here.',
    next: 'Nothing is wrong with your account; your other applications go on working.',
    signIn: false,
  },
  secret_revoked: {
    ...again,
    title: 'You were signed out: this application has a new key',
    happened: 'A secret of this application was withdrawn, so everybody here has to sign in again.',
  },
  token_revoked: {
    ...again,
    title: 'You were signed out: access was withdrawn',
    happened: 'The access that this application had in your name was withdrawn.',
  },
  account_deleted: {
    title: 'You were signed out: this account is gone',
    happened: 'This account has been deleted.',
    next: 'If you did not want that, write to whoever runs this site.',
    signIn: false,
  },
  everyone_before: {
    ...again,
    title: 'You were signed out, like everybody else',
    happened: 'Everybody has been signed out by an administrator. Nothing is wrong with your account.',
  },
};

/** Where nobody says why, as when a session has simply grown too old. */
export const unexplained: Ending = {
  ...again,
  title: 'You were signed out: your session has ended',
  happened: 'Your session has ended.',
};
