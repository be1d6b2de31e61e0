import { Migration } from '@mikro-orm/migrations';

/** Whether a given token is dead is asked of the ledger itself, by target. */
export class Migration20261122000007 extends Migration {
  override up(): void {
    this.addSql('create index revocation_target_index on revocation (target)');
  }
}
