import { Migration } from '@mikro-orm/migrations';

/** What an operator looks for at a million accounts: accounts by how they begin, bans and audit events page by page. */
export class Migration20261122000006 extends Migration {
  override up(): void {
    // The collation "C" is what makes an index answer `like 'prefix%'`, in whatever locale the database was made.
    this.addSql('create index account_by_email on account (email_normalized collate "C")');
    this.addSql('create index account_by_name on account (lower(name) collate "C", id)');
    this.addSql(
      'create index account_disabled on account (email_normalized collate "C") where disabled_at is not null',
    );
    this.addSql(`create index account_admins on account (id) where 'admin' = any (roles)`);

    this.addSql('create index ban_by_time on ban (banned_at, id)');
    this.addSql('create index ban_open_by_time on ban (banned_at, id) where lifted_at is null');
    this.addSql('create index ban_open on ban (until, account_id) where lifted_at is null');

    this.addSql('create index audit_event_by_time on audit_event (at, id)');
    this.addSql('create index audit_event_by_account on audit_event (account_id, at, id)');
    this.addSql('create index audit_event_by_action on audit_event (action, at, id)');
    this.addSql('create index audit_event_by_actor on audit_event (actor, at, id)');
    this.addSql('create index audit_event_by_client on audit_event (client_id, at, id)');
    this.addSql('drop index audit_event_at_index');
    this.addSql('drop index audit_event_account_id_at_index');
  }
}
