-- The shop's own database. It knows people only as the `sub` of their tokens; the name is what it was when they ordered.
create table if not exists customer_order (
  number integer generated always as identity (start with 1001) primary key,
  sub text not null,
  request_id uuid not null, -- the checkout form that placed it: sending the form twice is one order
  customer text not null,
  recipient text not null,
  street text not null,
  postcode text not null,
  city text not null,
  country text not null,
  total_cents integer not null check (total_cents > 0),
  placed_at timestamptz not null default now(),
  unique (sub, request_id)
);
create index if not exists customer_order_by_sub on customer_order (sub, number desc);

create table if not exists order_line (
  order_number integer not null references customer_order,
  position integer not null,
  product text not null,
  name text not null,
  unit_cents integer not null check (unit_cents >= 0),
  quantity integer not null check (quantity > 0),
  primary key (order_number, position)
);
