import { Migration } from '@mikro-orm/migrations';

/** Passkeys: the public halves of the keys that people's authenticators keep. */
export class Migration20261122000012 extends Migration {
  override up(): void {
    this.addSql(`
      create table passkey (
        id uuid primary key,
        account_id uuid not null constraint passkey_account_id_foreign references account (id) on delete cascade,
        credential_id varchar(1364) not null constraint passkey_credential_id_unique unique,
        user_handle varchar(43) not null,
        public_key bytea not null,
        counter bigint not null,
        transports text[] not null default '{}',
        name varchar(255) not null,
        synced boolean not null,
        stands_alone boolean not null,
        created_at timestamptz not null,
        last_used_at timestamptz null
      )`);
    this.addSql('create index passkey_account_id_index on passkey (account_id)');
  }
}
