/** Row-level security has no gap: the catalogue is the list of tables, so a new table without a policy fails here. */

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createTestDatabase } from './testing/database.ts'

const { ask } = await createTestDatabase()

/** Tables without row-level security (as patterns), and the only query files that may name them. */
const filesByInstanceTable: Readonly<Record<string, readonly string[]>> = {
  request_limit: ['request-limit.ts'],
  instance_setting: ['instance.ts'],
  'auth[.]"(session|account|verification)"': ['account.ts'],
  'auth[.]"user"': [
    'account.ts',
    'conflict.ts',
    'file.ts',
    'github-link.ts',
    'member.ts',
    'secret-finding.ts',
    'snapshot.ts',
    'suggestion.ts',
    'ticket.ts',
    'token.ts',
  ],
  api_token: ['token.ts', 'ticket.ts'],
  collab_ticket: ['ticket.ts'],
  dirty_file: ['document-log.ts', 'file.ts', 'project.ts', 'pull.ts', 'snapshot.ts'],
  outbox: ['outbox.ts', 'repository-check.ts'],
  job: ['job.ts'],
  github_installation: ['github-link.ts', 'installation.ts'],
  delivery: ['delivery.ts'],
  delivery_rejection: ['delivery.ts'],
  github_app: ['github-app.ts'],
  github_state: ['github-app.ts'],
}

const tables = await ask<{ name: string; tenant: boolean; isolated: boolean; policies: string[] }>(
  `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as isolated,
     exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id') or c.relname = 'workspace' as tenant,
     array(select coalesce(p.qual, '') from pg_policies p
       where p.schemaname = 'public' and p.tablename = c.relname and 'skein_app' = any(p.roles)) as policies
   from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by 1`,
)

test('every table with a workspace is isolated by it, also from its owner', () => {
  const tenants = tables.filter(({ tenant }) => tenant)
  expect(tenants.length).toBeGreaterThan(15)
  for (const { name, isolated, policies } of tenants) {
    expect(isolated, `${name}: row-level security is enabled and forced`).toBe(true)
    expect(policies.length, `${name}: has a policy for skein_app`).toBeGreaterThan(0)
    for (const policy of policies)
      expect(policy, `${name}: its policy asks for the workspace`).toContain('skein.workspace')
  }
})

test('every table without a workspace is on the list, with the query files that may touch it', () => {
  const without = tables.filter(({ tenant }) => !tenant).map(({ name }) => name)
  expect(Object.keys(filesByInstanceTable)).toEqual(expect.arrayContaining(without))
})

test('no other query file names such a table', () => {
  const folder = path.resolve(import.meta.dirname, 'queries')
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))) {
    const text = readFileSync(path.join(folder, file), 'utf8')
    for (const [table, allowed] of Object.entries(filesByInstanceTable)) {
      const names = new RegExp(String.raw`\b(from|join|into|update|using)\s+${table}(?!\w)`, 'i')
      if (!allowed.includes(file)) expect(text, `queries/${file} may not touch ${table}`).not.toMatch(names)
    }
  }
})

test('the roles of the product can neither log in nor pass by row-level security', async () => {
  const roles = await ask(
    `select rolname from pg_roles where rolname like 'skein_%' and not (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb) order by 1`,
  )
  expect(roles.map(({ rolname }) => rolname)).toEqual(['skein_app', 'skein_log', 'skein_owner'])
  expect(
    await ask(`select rolname from pg_roles where rolname = 'skein' and (rolsuper or rolbypassrls or rolinherit)`),
  ).toEqual([])
})

test('skein_log sees the tables of documents alone', async () => {
  const rows = await ask<{ name: string }>(
    `select c.relname as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
       and has_any_column_privilege('skein_log', c.oid, 'select, insert, update') order by 1`,
  )
  const known = [
    'dirty_file',
    'document',
    'document_client',
    'document_keyframe',
    'document_quarantine',
    'document_segment',
    'document_state',
    'document_update',
    'event',
    'file',
    'project',
  ]
  expect(known).toEqual(expect.arrayContaining(rows.map(({ name }) => name)))
})
