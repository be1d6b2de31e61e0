import type { Cause } from '@portcullis/revocation';

/** Why a session ended, to the person whose it was: what happened, and what to do next. `signIn`: whether a new sign-in is of use. */
export type Ending = { happened: string; next: string; signIn: boolean };

const again = { signIn: true, next: 'Sign in to go on.' };

export const endings: Record<Cause, Ending> = {
  ban: {
    happened: 'Your account has been blocked.',
    next: 'If you think that this is a mistake, write to whoever runs this site.',
    signIn: false,
  },
  unban: {
    ...again,
    happened: 'Your account was blocked and is open again.',
  },
  sign_out: {
    ...again,
    happened: 'You signed out, here or in another application.',
  },
  session_ended: {
    ...again,
    happened: 'This session was ended from the list of your sessions, by an administrator or by the sign-in service.',
  },
  password_changed: {
    happened: 'The password of your account was changed, which ends every session that began with the old one.',
    next: 'Sign in with the new password. If it was not you who changed it, have it reset now.',
    signIn: true,
  },
  factor_changed: {
    happened: 'A second factor of your account was changed, which ends every session that began before.',
    next: 'Sign in again. If it was not you who changed it, change your password now.',
    signIn: true,
  },
  consent_withdrawn: {
    happened: 'You took back what you had allowed this application.',
    next: 'If you want to use it again, sign in, and you will be asked anew.',
    signIn: true,
  },
  refresh_reuse: {
    happened:
      'A key of your session was used twice, as happens when somebody has copied it. To be safe, we ended the session.',
    next: 'Sign in again. If that was on a device you do not trust, change your password.',
    signIn: true,
  },
  code_reuse: {
    happened:
      'Your sign-in was presented twice, as happens when somebody has copied it. To be safe, we ended the session.',
    next: 'Sign in again. If that was on a device you do not trust, change your password.',
    signIn: true,
  },
  roles_changed: {
    ...again,
    happened: 'What your account may do has changed.',
  },
  client_disabled: {
    happened: 'This application has been switched off, so nobody can sign in here.',
    next: 'Nothing is wrong with your account; your other applications go on working.',
    signIn: false,
  },
  secret_revoked: {
    ...again,
    happened: 'A secret of this application was withdrawn, so everybody here has to sign in again.',
  },
  token_revoked: {
    ...again,
    happened: 'The access that this application had in your name was withdrawn.',
  },
  account_deleted: {
    happened: 'This account has been deleted.',
    next: 'If you did not want that, write to whoever runs this site.',
    signIn: false,
  },
  everyone_before: {
    ...again,
    happened: 'Everybody has been signed out by an administrator. Nothing is wrong with your account.',
  },
};

/** Where nobody says why, as when a session has simply grown too old. */
export const unexplained: Ending = {
  ...again,
  happened: 'Your session has ended.',
};
