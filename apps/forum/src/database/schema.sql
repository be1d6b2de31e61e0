-- The forum's own database. It knows people only as the `sub` of their tokens; the name is what it was when they wrote.
create table if not exists category (
  slug text primary key,
  name text not null,
  description text not null,
  position integer not null
);

create table if not exists thread (
  id integer generated always as identity (start with 101) primary key,
  category text not null references category,
  title text not null,
  author_sub text not null,
  author_name text not null,
  request_id uuid not null, -- the form that started it: sending the form twice is one thread
  started_at timestamptz not null default now(),
  last_post_at timestamptz not null default now(),
  unique (author_sub, request_id)
);
create index if not exists thread_by_category on thread (category, last_post_at desc);

create table if not exists post (
  id integer generated always as identity (start with 101) primary key,
  thread_id integer not null references thread,
  opening boolean not null default false, -- the first post of its thread: hiding it hides the thread
  body text not null,
  author_sub text not null,
  author_name text not null,
  request_id uuid not null,
  posted_at timestamptz not null default now(),
  hidden_at timestamptz,
  hidden_by_name text,
  unique (author_sub, request_id)
);
create index if not exists post_by_thread on post (thread_id, id);
create unique index if not exists post_opening on post (thread_id) where opening;
create index if not exists post_by_author on post (author_sub, id desc);
