import { Migration } from '@mikro-orm/migrations';

/** Protocol state: clients and their secrets, signing keys, SSO sessions, grants, refresh token families. */
export class Migration20261121000001 extends Migration {
  override up(): void {
    this.addSql(`
      create table "client" (
        "id" varchar(255) primary key,
        "name" varchar(255) not null,
        "first_party" boolean not null,
        "uri" varchar(2048) null,
        "logo_uri" varchar(2048) null,
        "metadata" jsonb not null,
        "disabled_at" timestamptz null,
        "created_at" timestamptz not null,
        "updated_at" timestamptz not null
      )`);
    this.addSql(`
      create table "client_secret" (
        "id" uuid primary key,
        "client_id" varchar(255) not null,
        "hash" varchar(64) not null,
        "created_at" timestamptz not null,
        "expires_at" timestamptz null,
        constraint "client_secret_client_id_foreign" foreign key ("client_id") references "client" ("id") on delete cascade
      )`);
    this.addSql(`create unique index "client_secret_client_id_hash_unique" on "client_secret" ("client_id", "hash")`);
    this.addSql(`
      create table "signing_key" (
        "kid" varchar(64) primary key,
        "alg" varchar(16) not null,
        "public_jwk" jsonb not null,
        "private_jwk" text not null,
        "state" text not null check ("state" in ('next', 'active', 'retiring', 'retired')),
        "created_at" timestamptz not null,
        "state_changed_at" timestamptz not null
      )`);
    this.addSql(`create table "configuration_version" ("id" int primary key, "version" int not null)`);
    this.addSql(`insert into "configuration_version" ("id", "version") values (1, 1)`);

    this.addSql(`
      create table "sso_session" (
        "uid" varchar(64) primary key,
        "id_hash" varchar(64) not null,
        "account_id" uuid not null,
        "payload" jsonb not null,
        "user_agent" text null,
        "address" varchar(64) null,
        "created_at" timestamptz not null default now(),
        "last_used_at" timestamptz not null default now(),
        "expires_at" timestamptz not null
      )`);
    this.addSql(`create unique index "sso_session_id_hash_unique" on "sso_session" ("id_hash")`);
    this.addSql(`create index "sso_session_account_id_index" on "sso_session" ("account_id")`);
    this.addSql(`create index "sso_session_expires_at_index" on "sso_session" ("expires_at")`);
    this.addSql(`
      create table "oidc_grant" (
        "id" varchar(64) primary key,
        "account_id" uuid not null,
        "client_id" varchar(255) not null,
        "session_uid" varchar(64) null,
        "payload" jsonb not null,
        "created_at" timestamptz not null default now(),
        "expires_at" timestamptz not null
      )`);
    this.addSql(`create index "oidc_grant_account_id_index" on "oidc_grant" ("account_id")`);
    this.addSql(`create index "oidc_grant_session_uid_index" on "oidc_grant" ("session_uid")`);
    this.addSql(`create index "oidc_grant_expires_at_index" on "oidc_grant" ("expires_at")`);
    this.addSql(`
      create table "refresh_family" (
        "id" varchar(32) primary key,
        "grant_id" varchar(64) not null,
        "rotation" int not null,
        "payload" jsonb not null,
        "created_at" timestamptz not null default now(),
        "expires_at" timestamptz not null,
        constraint "refresh_family_grant_id_foreign" foreign key ("grant_id") references "oidc_grant" ("id") on delete cascade
      ) with (fillfactor = 80)`);
    this.addSql(`create index "refresh_family_grant_id_index" on "refresh_family" ("grant_id")`);
  }
}
