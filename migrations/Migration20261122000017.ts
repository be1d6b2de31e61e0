import { Migration } from '@mikro-orm/migrations';

/** When an application last refreshed its tokens; empty where it has not since. */
export class Migration20261122000017 extends Migration {
  override up(): void {
    this.addSql('alter table refresh_family add column used_at timestamptz');
  }
}
