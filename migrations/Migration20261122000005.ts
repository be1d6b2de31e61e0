import { Migration } from '@mikro-orm/migrations';

/** What is sent beside the denylist, one row per recipient, and where webhooks go. The queue itself is pg-boss' own schema. */
export class Migration20261122000005 extends Migration {
  override up(): void {
    this.addSql(`
      create table delivery (
        id uuid not null primary key,
        channel text not null,
        recipient text not null,
        revocation_id uuid null,
        account_id uuid null,
        payload jsonb not null,
        attempts int not null default 0,
        last_status int null,
        last_error text null,
        created_at timestamptz(3) not null,
        last_attempt_at timestamptz(3) null,
        delivered_at timestamptz(3) null,
        given_up_at timestamptz(3) null
      )`);
    this.addSql('create index delivery_revocation_id_index on delivery (revocation_id)');
    this.addSql(
      'create index delivery_channel_recipient_created_at_index on delivery (channel, recipient, created_at)',
    );
    this.addSql('create index delivery_created_at_index on delivery (created_at)');
    this.addSql('create index delivery_open on delivery (attempts) where delivered_at is null and given_up_at is null');

    this.addSql(`
      create table webhook (
        id uuid not null primary key,
        name varchar(255) not null constraint webhook_name_unique unique,
        url varchar(2048) not null,
        secret text not null,
        causes text[] null,
        enabled boolean not null,
        created_at timestamptz(3) not null,
        created_by text null
      )`);
  }
}
