import { randomUUID } from 'node:crypto'
import type { WorkspaceId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import { createTestDatabase } from './testing/database.ts'

const { address, database, ask } = await createTestDatabase()

async function makeWorkspace(slug: string): Promise<WorkspaceId> {
  const id = randomUUID() as WorkspaceId
  await ask('insert into workspace (id, slug, name) values ($1, $2, $2)', [id, slug])
  return id
}

test('each way in acts as its own role, none of them a superuser', async () => {
  const who =
    'select current_user as role, (select rolsuper or rolbypassrls from pg_roles where rolname = session_user) as mighty'
  expect(await database.instance.query(who)).toEqual([{ role: 'skein_app', mighty: false }])
  expect(await database.log.query(who)).toEqual([{ role: 'skein_log', mighty: false }])
  expect((await database.accounts.query('show search_path')).rows).toEqual([{ search_path: 'auth' }])
})

test('the address cannot choose the role', async () => {
  const url = new URL(address)
  url.searchParams.set('options', '-c role=skein_owner')
  const other = openDatabase(url.href)
  expect(await other.instance.query('select current_user as role')).toEqual([{ role: 'skein_app' }])
  await other.close()
})

test('a transaction sees one workspace, and the next one nothing of it', async () => {
  const [one, two] = [await makeWorkspace('one'), await makeWorkspace('two')]
  const slugs = 'select slug from workspace order by slug'
  expect(await database.inWorkspace(one, (tx) => tx.query(slugs))).toEqual([{ slug: 'one' }])
  expect(await database.inWorkspace(two, (tx) => tx.query(slugs))).toEqual([{ slug: 'two' }])
  expect(await database.onInstance((tx) => tx.query(slugs))).toEqual([])
})

test('a rejected transaction leaves nothing, and its connection serves on', async () => {
  const work = database.onInstance(async (tx) => {
    await tx.query(`insert into instance_setting values ('half', '1')`)
    throw new Error('changed my mind')
  })
  await expect(work).rejects.toThrow('changed my mind')
  expect(await database.instance.query(`select from instance_setting where key = 'half'`)).toEqual([])
})

test('several reads of a repeatable read transaction see one picture', async () => {
  await database.onInstance(
    async (tx) => {
      const count = 'select count(*) as n from instance_setting'
      const before = await tx.query(count)
      await database.instance.query(`insert into instance_setting values ('later', '1')`)
      expect(await tx.query(count)).toEqual(before)
    },
    { isolation: 'repeatable read', readOnly: true },
  )
})

test('int8 arrives as a number, and one too large for it is an error', async () => {
  expect(await database.instance.query('select 9007199254740991::int8 as n')).toEqual([{ n: Number.MAX_SAFE_INTEGER }])
  await expect(database.instance.query('select 9007199254740992::int8 as n')).rejects.toThrow('too large')
})

test('notifications arrive, and after a broken connection the listener is told to look for itself', async () => {
  const heard: (string | null)[] = []
  const stop = await database.listen('news', (payload) => heard.push(payload))
  await database.instance.query(`select pg_notify('news', 'first')`)
  await expect.poll(() => heard).toEqual(['first'])
  await ask(
    `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and datname = current_database()`,
  )
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['first', null])
  await database.instance.query(`select pg_notify('news', 'second')`)
  await expect.poll(() => heard).toEqual(['first', null, 'second'])
  stop()
})
