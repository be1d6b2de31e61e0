import { Migration } from '@mikro-orm/migrations';

/** What people choose for their accounts: a language, a picture, and an end. */
export class Migration20261122000014 extends Migration {
  override up(): void {
    this.addSql(`
      alter table account
        add column locale varchar(2) null,
        add column picture varchar(43) null,
        add column deletion_at timestamptz null`);
    this.addSql('create index account_deletion_due on account (deletion_at) where deletion_at is not null');
    this.addSql(`
      create table account_picture (
        id varchar(43) primary key,
        account_id uuid not null constraint account_picture_account_id_foreign references account (id) on delete cascade,
        type varchar(16) not null,
        bytes bytea not null,
        created_at timestamptz not null
      )`);
    this.addSql('alter table account_picture add constraint account_picture_account_id_unique unique (account_id)');
    this.addSql(`
      create or replace view account_for_tokens as
      select a.id, a.email, a.email_verified, a.name, a.roles,
             array(select unnest(b.client_ids) from ban b
                   where b.account_id = a.id and b.client_ids is not null
                     and (b.until is null or b.until > now()) and (b.lifted_at is null or b.lifted_at > now())) as banned_from,
             a.locale, a.picture
      from account a
      where a.disabled_at is null
        and not exists (
          select from ban b
          where b.account_id = a.id and b.client_ids is null
            and (b.until is null or b.until > now()) and (b.lifted_at is null or b.lifted_at > now()))`);
  }
}
