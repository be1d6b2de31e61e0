import { Migration } from '@mikro-orm/migrations';

/** Links and codes that are sent to people: each works once. */
export class Migration20261122000008 extends Migration {
  override up(): void {
    this.addSql(`
      create table single_use_token (
        hash varchar(64) primary key,
        purpose varchar(64) not null,
        account_id uuid null constraint single_use_token_account_id_foreign references account (id) on delete cascade,
        email varchar(320) null,
        data jsonb not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null
      )`);
    this.addSql('create index single_use_token_account_id_index on single_use_token (account_id)');
    this.addSql('create index single_use_token_expires_at_index on single_use_token (expires_at)');
  }
}
