import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '#accounts/entity.ts';

const AccountPictureSchema = defineEntity({
  name: 'AccountPicture',
  tableName: 'account_picture',
  properties: {
    /** Unguessable: whoever has it may see the picture. A new picture has a new one. */
    id: p.string().length(43).primary(),
    account: () => p.oneToOne(Account).deleteRule('cascade').owner(),
    type: p.string().length(16).$type<'image/png' | 'image/jpeg' | 'image/webp'>(),
    bytes: p.blob(),
    createdAt: p.datetime(),
  },
});

/** The picture of a person, without what a camera writes beside it. */
export class AccountPicture extends AccountPictureSchema.class {}
AccountPictureSchema.setClass(AccountPicture);
