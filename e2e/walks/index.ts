import { account } from './account.ts';
import { throughDashboard, throughForum, throughShop } from './applications.ts';
import { consent, joining, recovering, secondFactor } from './people.ts';
import { signIn, signOut, wrongTurns } from './sign-in.ts';
import type { Walk } from './walk.ts';

/** Every page a person can meet, by where they are met. */
export const walks: Record<string, Walk> = {
  'the sign-in': signIn,
  'wrong turns': wrongTurns,
  'the sign-out': signOut,
  joining,
  recovering,
  'the second factor': secondFactor,
  'consent and choice': consent,
  'the account': account,
  'the shop': throughShop,
  'the forum': throughForum,
  'the dashboard': throughDashboard,
};
