import { accountDeletionMessages } from '#account-console/deletion-messages.ts';
import { accountMessages } from '#account-console/messages.ts';
import { accountPictureMessages } from '#account-console/picture-messages.ts';
import { accountSecurityMessages } from '#account-console/security-messages.ts';
import { activityMessages } from '#account-console/activity-messages.ts';
import { createWords, type MessageKey, type Words } from '@portcullis/ui';
import { consentMessages } from '#consent/messages.ts';
import { deviceMessages } from '#devices/messages.ts';
import { passwordMessages } from '#accounts/messages.ts';
import { emailChangeMessages } from '#email-change/messages.ts';
import { linkRequestMessages } from '#link-request/messages.ts';
import { mailMessages } from '#mail/messages.ts';
import { passkeyMessages } from '#passkeys/messages.ts';
import { protocolMessages } from '#views/protocol-messages.ts';
import { recoveryMessages } from '#recovery/messages.ts';
import { registrationMessages } from '#registration/messages.ts';
import { secondFactorMessages } from '#second-factor/messages.ts';
import { signInMessages } from '#sign-in/messages.ts';
import { viewMessages } from '#views/messages.ts';

/** Every text the identity provider says to people, by feature; each feature keeps its own in its `messages.ts`. */
export const features = {
  account: accountMessages,
  account_deletion: accountDeletionMessages,
  account_picture: accountPictureMessages,
  account_security: accountSecurityMessages,
  activity: activityMessages,
  protocol: protocolMessages,
  consent: consentMessages,
  devices: deviceMessages,
  mail: mailMessages,
  passkeys: passkeyMessages,
  second_factor: secondFactorMessages,
  sign_in: signInMessages,
  passwords: passwordMessages,
  link_request: linkRequestMessages,
  registration: registrationMessages,
  recovery: recoveryMessages,
  email_change: emailChangeMessages,
  views: viewMessages,
};

export type IdpWords = Words<MessageKey<typeof features>>;

/** The words of one language: `t('views.home_title')` in code, `{{t "views.home_title"}}` in templates. */
export const wordsIn: (locale: IdpWords['locale']) => IdpWords = createWords(features);
