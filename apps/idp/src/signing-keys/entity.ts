import { defineEntity, p } from '@mikro-orm/core';

export const keyStates = ['next', 'active', 'retiring', 'retired'] as const;
export type KeyState = (typeof keyStates)[number];

const SigningKeySchema = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_key',
  properties: {
    kid: p.string().length(64).primary(),
    alg: p.string().length(16),
    publicJwk: p.json<Record<string, unknown>>(),
    /** Compact JWE of the private JWK, under the key from the environment. */
    privateJwk: p.text(),
    state: p.enum(keyStates),
    createdAt: p.datetime(),
    stateChangedAt: p.datetime(),
  },
});

/** next: published, not yet used · active: signs · retiring: verifies only · retired: no longer published. */
export class SigningKey extends SigningKeySchema.class {}
SigningKeySchema.setClass(SigningKey);
