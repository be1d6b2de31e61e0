import { Migration } from '@mikro-orm/migrations';

/** Whether a password may be all that an account is asked for. */
export class Migration20261122000016 extends Migration {
  override up(): void {
    this.addSql(`alter table account add column password_stands_alone boolean not null default true`);
  }
}
