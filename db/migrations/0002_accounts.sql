-- Accounts: the tables of better-auth 1.7.7, as its own `getMigrations` prints them (camelCase columns are its choice), and the
-- counters of the request limits.
--
-- None of these rows belongs to a workspace, so there is no row-level security here: better-auth's own statements,
-- queries/account.ts and queries/request-limit.ts only.

create schema if not exists auth;

create table auth."user" (
  "id" text not null primary key,
  "name" text not null,
  "email" text not null unique,       -- lower case
  "emailVerified" boolean not null,
  "image" text,
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz default current_timestamp not null
);

create table auth."session" (
  "id" text not null primary key,
  "expiresAt" timestamptz not null,
  "token" text not null unique,       -- worth nothing without SECRET_KEY: the cookie carries its signature too
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz not null,
  "ipAddress" text,
  "userAgent" text,
  "userId" text not null references auth."user" ("id") on delete cascade
);

create table auth."account" (
  "id" text not null primary key,
  "accountId" text not null,
  "providerId" text not null,
  "userId" text not null references auth."user" ("id") on delete cascade,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  "scope" text,
  "password" text,                    -- a scrypt hash with its parameters
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz not null
);

create table auth."verification" (
  "id" text not null primary key,
  "identifier" text not null,
  "value" text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz default current_timestamp not null
);

create index "session_userId_idx" on auth."session" ("userId");
create index "account_userId_idx" on auth."account" ("userId");
create index "verification_identifier_idx" on auth."verification" ("identifier");

grant usage on schema auth to skein_app;
grant select, insert, update, delete on all tables in schema auth to skein_app;

-- One row per counted thing (an e-mail at an address, an address, a token) and fixed window; expired rows are swept.
create table request_limit (
  key text primary key,
  count integer not null,
  resets_at timestamptz not null
);
create index request_limit_resets on request_limit (resets_at);
grant select, insert, update, delete on request_limit to skein_app;

-- A ticket may be narrowed to the project whose page asked for it.
alter table collab_ticket add column project_id uuid references project on delete cascade;
create index collab_ticket_expires on collab_ticket (expires_at);
