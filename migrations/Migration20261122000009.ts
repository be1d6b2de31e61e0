import { Migration } from '@mikro-orm/migrations';

/** Browsers that people have signed in with: a new one is told to them. */
export class Migration20261122000009 extends Migration {
  override up(): void {
    this.addSql(`
      create table known_device (
        id uuid primary key,
        account_id uuid not null constraint known_device_account_id_foreign references account (id) on delete cascade,
        token_hash varchar(64) not null constraint known_device_token_hash_unique unique,
        user_agent text null,
        first_seen_at timestamptz not null,
        last_seen_at timestamptz not null
      )`);
    this.addSql('create index known_device_account_id_index on known_device (account_id)');
  }
}
