import { Migration } from '@mikro-orm/migrations';

/** Second factors: authenticators, recovery codes, and the browsers that need not show one for a while. */
export class Migration20261122000011 extends Migration {
  override up(): void {
    this.addSql(`
      create table totp_authenticator (
        account_id uuid primary key constraint totp_authenticator_account_id_foreign references account (id) on update cascade on delete cascade,
        secret text not null,
        last_step bigint not null,
        created_at timestamptz not null,
        last_used_at timestamptz null
      )`);
    this.addSql(`
      create table recovery_code (
        hash varchar(64) primary key,
        account_id uuid not null constraint recovery_code_account_id_foreign references account (id) on delete cascade,
        created_at timestamptz not null
      )`);
    this.addSql('create index recovery_code_account_id_index on recovery_code (account_id)');
    this.addSql(`
      create table trusted_device (
        id uuid primary key,
        account_id uuid not null constraint trusted_device_account_id_foreign references account (id) on delete cascade,
        token_hash varchar(64) not null constraint trusted_device_token_hash_unique unique,
        user_agent text null,
        created_at timestamptz not null,
        last_used_at timestamptz not null,
        expires_at timestamptz not null
      )`);
    this.addSql('create index trusted_device_account_id_index on trusted_device (account_id)');
    this.addSql('create index trusted_device_expires_at_index on trusted_device (expires_at)');
  }
}
