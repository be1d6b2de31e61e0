import { Migration } from '@mikro-orm/migrations';

/** Accounts, and how far each import of them has come. */
export class Migration20261121000002 extends Migration {
  override up(): void {
    this.addSql(`create table "account" (
      "id" uuid not null,
      "email" varchar(320) not null,
      "email_normalized" varchar(320) not null,
      "email_verified" boolean not null default false,
      "name" varchar(255) not null,
      "password_hash" text null,
      "password_changed_at" timestamptz null,
      "roles" text[] not null default '{}',
      "disabled_at" timestamptz null,
      "created_at" timestamptz not null,
      primary key ("id")
    )`);
    this.addSql(`alter table "account" add constraint "account_email_normalized_unique" unique ("email_normalized")`);
    this.addSql(`create table "account_import" (
      "file" varchar(64) not null,
      "lines_done" bigint not null,
      "imported" bigint not null,
      "rejected" bigint not null,
      "updated_at" timestamptz not null,
      primary key ("file")
    )`);
  }
}
