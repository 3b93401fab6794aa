/**
 * The three roles behind the product, none of which can log in: `skein_owner` owns the tables and migrates,
 * `skein_app` serves under row-level security, `skein_log` loads and appends updates of documents. One login role,
 * without superuser rights and without rights of its own, is a member of all three, and each connection takes exactly one.
 */

import { createHmac } from 'node:crypto'
import pg from 'pg'
import type { EmbeddedServer } from './embedded/server.ts'
import { StartRefused } from './refusal.ts'

/** What a connection may be: exactly one of these, for its whole life. */
export type Role = 'skein_owner' | 'skein_app' | 'skein_log'

const roles: readonly Role[] = ['skein_owner', 'skein_app', 'skein_log']
const embeddedLogin = 'skein'
const serverVersionMin = 180_000

/** Makes roles and database `name` on the embedded server; the only work that the superuser does. Returns the login's address. */
export async function prepareEmbedded(server: EmbeddedServer, name = 'skein'): Promise<string> {
  const password = createHmac('sha256', server.password).update('login').digest('base64url')
  await withClient(server.superuserAddress, async (client) => {
    await client.query(rolesSql(embeddedLogin))
    await client.query(`alter role ${embeddedLogin} password ${client.escapeLiteral(password)}`)
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (!rowCount) await client.query(`create database ${client.escapeIdentifier(name)} owner skein_owner`)
  })
  return server.addressOf(name, embeddedLogin, password)
}

/**
 * Checks that the login of an outside server has what Skein needs, and makes it when the login is allowed to.
 * @throws StartRefused with the SQL that an administrator of the server must run
 */
export async function prepareOutside(address: string): Promise<void> {
  await checkAnswers(address)
  await withClient(address, async (client) => {
    const { rows } = await client.query(
      `select current_user as login, current_database() as database, current_setting('server_version_num')::int as version,
              current_setting('server_version') as named,
              (select count(*)::int from pg_roles where rolname = any($1) and pg_has_role(current_user, oid, 'set')) as roles,
              coalesce((select has_database_privilege('skein_owner', current_database(), 'create')
                          and has_schema_privilege('skein_owner', 'public', 'create')
                        from pg_roles where rolname = 'skein_owner'), false) as can_create`,
      [roles],
    )
    const { login, database, version, named, roles: found, can_create: canCreate } = rows[0]
    if (version < serverVersionMin)
      throw new StartRefused(`DATABASE_URL leads to PostgreSQL ${named}; Skein needs version 18 or later.`)
    if (found === roles.length && canCreate) return
    const sql = `${rolesSql(login)}\n${ownershipSql(client.escapeIdentifier(database))}`
    try {
      await client.query(`begin; ${sql}; commit`)
    } catch (error) {
      throw new StartRefused(
        `The login of DATABASE_URL may not make the roles that Skein needs (${(error as Error).message}). ` +
          `Let an administrator of the server run this once in the database ${database}:\n\n${sql}\n`,
      )
    }
  })
}

async function checkAnswers(address: string): Promise<void> {
  await withClient(address, async () => {}).catch((error: unknown) => {
    const url = URL.parse(address)
    throw new StartRefused(
      `The database of DATABASE_URL (${url?.host}${url?.pathname}) does not answer: ${describe(error)}`,
    )
  })
}

function rolesSql(login: string): string {
  const name = pg.escapeIdentifier(login)
  const quoted = pg.escapeLiteral(login)
  return `do $$
declare
  r text;
begin
  if not exists (select from pg_roles where rolname = ${quoted}) then
    create role ${name} login nosuperuser nocreatedb nocreaterole nobypassrls noinherit;
  end if;
  foreach r in array array['${roles.join("', '")}'] loop
    if not exists (select from pg_roles where rolname = r) then
      execute format('create role %I nologin nosuperuser nobypassrls', r);
    end if;
    execute format('grant %I to ${name} with inherit false, set true', r);
  end loop;
end $$;`
}

const ownershipSql = (database: string): string =>
  `grant connect, create, temporary on database ${database} to skein_owner;\ngrant usage, create on schema public to skein_owner;`

async function withClient(address: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: address, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

function describe(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string }
  return message || code || String(error)
}
