import { defineEntity, p } from '@mikro-orm/core';
import type { Locale } from '@portcullis/ui';

/** Longest address accepted, as typed and as normalised (NFKC can lengthen it). */
export const maxEmailLength = 320;

const AccountSchema = defineEntity({
  name: 'Account',
  tableName: 'account',
  indexes: [
    { name: 'account_by_email', columns: [{ name: 'emailNormalized', collation: 'C' }] },
    {
      name: 'account_by_name',
      expression: 'create index account_by_name on account (lower(name) collate "C", id)',
    },
    {
      name: 'account_disabled',
      columns: [{ name: 'emailNormalized', collation: 'C' }],
      where: 'disabled_at is not null',
    },
    { name: 'account_admins', properties: ['id'], where: `'admin' = any (roles)` },
    { name: 'account_deletion_due', properties: ['deletionAt'], where: 'deletion_at is not null' },
  ],
  properties: {
    id: p.uuid().primary(),
    email: p.string().length(maxEmailLength),
    emailNormalized: p.string().length(maxEmailLength).unique(),
    emailVerified: p.boolean().default(false),
    name: p.string(),
    /** Never selected unless asked for. Null: this account has no password. */
    passwordHash: p.text().strictNullable().hidden().lazy(),
    /** False: it is too weak to be all that is asked for, and was accepted because there is a second factor. */
    passwordStandsAlone: p.boolean().default(true),
    passwordChangedAt: p.datetime().strictNullable(),
    roles: p.array().columnType('text[]').default([]),
    disabledAt: p.datetime().strictNullable(),
    /** The language of pages and mails. Null: the browser's. */
    locale: p.string().length(2).strictNullable().$type<Locale | null>(),
    /** Names the picture (AccountPicture). */
    picture: p.string().length(43).strictNullable(),
    /** The person has asked for an end: when the account is deleted. */
    deletionAt: p.datetime().strictNullable(),
    createdAt: p.datetime(),
  },
});

/** A person who can sign in. */
export class Account extends AccountSchema.class {}
AccountSchema.setClass(Account);

const AccountImportSchema = defineEntity({
  name: 'AccountImport',
  tableName: 'account_import',
  properties: {
    /** SHA-256 of the file: a changed file is another import. */
    file: p.string().length(64).primary(),
    linesDone: p.bigint('number'),
    imported: p.bigint('number'),
    rejected: p.bigint('number'),
    updatedAt: p.datetime(),
  },
});

/** How far the import of one file has come; written in the transaction of each batch. */
export class AccountImport extends AccountImportSchema.class {}
AccountImportSchema.setClass(AccountImport);
