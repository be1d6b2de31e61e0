import { Migration } from '@mikro-orm/migrations';

/** What people allowed the applications of others, remembered; and grants that outlive the session they came of. */
export class Migration20261122000013 extends Migration {
  override up(): void {
    this.addSql(`
      create table consent (
        account_id uuid not null constraint consent_account_id_foreign references account (id) on update cascade on delete cascade,
        client_id varchar(255) not null constraint consent_client_id_foreign references client (id) on update cascade on delete cascade,
        scopes text[] not null,
        resources text[] not null,
        given_at timestamptz not null default now(),
        last_used_at timestamptz not null default now(),
        primary key (account_id, client_id)
      )`);
    this.addSql('alter table oidc_grant add column outlives_session boolean not null default false');
  }
}
