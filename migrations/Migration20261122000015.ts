import { Migration } from '@mikro-orm/migrations';

/** The countries that an account has signed in from. */
export class Migration20261122000015 extends Migration {
  override up(): void {
    this.addSql(`
      create table known_place (
        account_id uuid not null constraint known_place_account_id_foreign references account (id) on delete cascade,
        country varchar(2) not null,
        first_seen_at timestamptz not null,
        last_seen_at timestamptz not null,
        primary key (account_id, country)
      )`);
  }
}
