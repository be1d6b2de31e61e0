import { createPasswordPolicy } from '#accounts/password-policy.ts';
import { createPasswordStrength } from '#accounts/password-strength.ts';

/** The policy of an installation that may not ask the network. */
export const policy = createPasswordPolicy({ strength: createPasswordStrength(), product: 'Portcullis' });
