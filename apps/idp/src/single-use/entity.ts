import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '#accounts/entity.ts';

const SingleUseTokenSchema = defineEntity({
  name: 'SingleUseToken',
  tableName: 'single_use_token',
  properties: {
    /** SHA-256 of purpose, binding and token. */
    hash: p.string().length(64).primary(),
    purpose: p.string().length(64),
    /** Whose it is; goes with the account. */
    account: () => p.manyToOne(Account).deleteRule('cascade').strictNullable().index(),
    /** The address it was made for, normalised, where there is no account yet or the address is not the account's. */
    email: p.string().length(320).strictNullable(),
    data: p.json<Record<string, unknown>>(),
    createdAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime().index(),
  },
});

/** Something that was sent to a person and proves, once, that it arrived. */
export class SingleUseToken extends SingleUseTokenSchema.class {}
SingleUseTokenSchema.setClass(SingleUseToken);
