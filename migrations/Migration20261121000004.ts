import { Migration } from '@mikro-orm/migrations';

/** What every flow asks of an account before it makes a token, in one place for the statements that join it. */
export class Migration20261121000004 extends Migration {
  override up(): void {
    this.addSql(`
      create view account_for_tokens as
      select a.id, a.email, a.email_verified, a.name, a.roles,
             array(select unnest(b.client_ids) from ban b
                   where b.account_id = a.id and b.client_ids is not null
                     and (b.until is null or b.until > now()) and (b.lifted_at is null or b.lifted_at > now())) as banned_from
      from account a
      where a.disabled_at is null
        and not exists (
          select from ban b
          where b.account_id = a.id and b.client_ids is null
            and (b.until is null or b.until > now()) and (b.lifted_at is null or b.lifted_at > now()))`);
  }
}
