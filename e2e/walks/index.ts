import { throughAccount } from './account.ts';
import { anAccount, bans, throughConsole, webhooks } from './admin.ts';
import { throughDashboard, throughForum, throughShop } from './applications.ts';
import { anotherAddress, leaving, notMe, waysToSignIn } from './changes.ts';
import { failures } from './failures.ts';
import { letters } from './letters.ts';
import { consent, joining, mailedCode, recovering, secondFactor } from './people.ts';
import { severalPeople } from './several-people.ts';
import { signIn, signOut, wrongTurns } from './sign-in.ts';
import type { Walk } from './walk.ts';

/** Every page a person can meet, by where they are met. */
export const walks: Record<string, Walk> = {
  'the sign-in': signIn,
  'wrong turns': wrongTurns,
  'the sign-out': signOut,
  'our own faults': failures,
  joining,
  recovering,
  'the second factor': secondFactor,
  'a mailed code': mailedCode,
  'consent and choice': consent,
  'two in one browser': severalPeople,
  'the account': throughAccount,
  'another address': anotherAddress,
  'ways to sign in': waysToSignIn,
  '“this wasn’t me”': notMe,
  leaving,
  'letters in other languages': letters,
  'the shop': throughShop,
  'the forum': throughForum,
  'the dashboard': throughDashboard,
  'the admin console': throughConsole,
  'an account in the admin console': anAccount,
  'bans in the admin console': bans,
  'webhooks in the admin console': webhooks,
};
