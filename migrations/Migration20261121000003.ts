import { Migration } from '@mikro-orm/migrations';

/** The revocation ledger with its outbox mark, bans, and the audit log. */
export class Migration20261121000003 extends Migration {
  override up(): void {
    this.addSql(`
      create table audit_event (
        id uuid not null primary key,
        at timestamptz(3) not null,
        actor text null,
        action text not null,
        account_id uuid null,
        client_id text null,
        detail jsonb not null
      )`);
    this.addSql('create index audit_event_account_id_at_index on audit_event (account_id, at)');
    this.addSql('create index audit_event_at_index on audit_event (at)');

    this.addSql(`
      create table ban (
        id uuid not null primary key,
        account_id uuid not null,
        client_ids text[] null,
        reason text not null,
        message text null,
        banned_at timestamptz(3) not null,
        banned_by text null,
        until timestamptz(0) null,
        lifted_at timestamptz(0) null,
        lifted_by text null,
        revocation_ids text[] not null
      )`);
    this.addSql('create index ban_account_id_banned_at_index on ban (account_id, banned_at)');

    // Numbers are taken at publication, under the lock of denylist_position, and are never given twice.
    this.addSql('create sequence revocation_publication');
    this.addSql(`
      create table revocation (
        id uuid not null primary key,
        seq bigint null constraint revocation_seq_unique unique,
        target jsonb not null,
        cause text not null,
        issued_before timestamptz(0) null,
        actor text null,
        recorded_at timestamptz(3) not null,
        expires_at timestamptz(0) null,
        published_at timestamptz(3) null
      )`);
    this.addSql('create index revocation_unpublished on revocation (recorded_at) where published_at is null');
    this.addSql('create index revocation_expires_at_index on revocation (expires_at)');

    this.addSql('create table denylist_position (id text not null primary key, epoch text null, seq bigint not null)');
    this.addSql(`insert into denylist_position (id, epoch, seq) values ('redis', null, 0)`);
  }
}
