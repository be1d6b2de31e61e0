/** Who hears of what: every cause in every channel, and where nobody is told, why that is right. The code that sends reads this. */
import type { Cause, Target } from '@portcullis/revocation';

export type Channel = 'denylist' | 'backchannelLogout' | 'feed' | 'webhook';
/** sent: whatever the target says is reached · none: nobody is told, for that reason. */
export type Expectation = 'sent' | { none: string };
export type Row = Record<Channel, Expectation>;

const everywhere: Row = { denylist: 'sent', backchannelLogout: 'sent', feed: 'sent', webhook: 'sent' };

export const matrix: Record<Cause, Row> = {
  ban: everywhere,
  unban: {
    ...everywhere,
    backchannelLogout: { none: 'Nobody is signed out by it: the sessions ended with the ban.' },
  },
  sign_out: everywhere,
  session_ended: everywhere,
  password_changed: everywhere,
  factor_changed: everywhere,
  consent_withdrawn: everywhere,
  refresh_reuse: everywhere,
  code_reuse: everywhere,
  roles_changed: {
    ...everywhere,
    backchannelLogout: { none: 'The person stays signed in: the application fetches a token with the new roles.' },
  },
  client_disabled: {
    ...everywhere,
    backchannelLogout: { none: 'It is the application that is shut out, not the people who use it.' },
  },
  secret_revoked: {
    ...everywhere,
    backchannelLogout: { none: 'Whoever has the secret is shut out; the sessions of people are not in doubt.' },
  },
  token_revoked: {
    ...everywhere,
    backchannelLogout: { none: 'One access token is no session: the application goes on with the next one.' },
  },
  account_deleted: everywhere,
  everyone_before: {
    ...everywhere,
    backchannelLogout: {
      none: 'One entry for all: a message for each session of each person would come long after the verifiers have refused.',
    },
  },
};

/** What a logout token can name. An entry for anything else has no session to end, whatever its cause. */
export const endsSessions: Record<Target['kind'], boolean> = {
  session: true,
  account: true,
  'account-at-client': true,
  token: false,
  client: false,
  everyone: false,
};
