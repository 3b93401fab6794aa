import pg from 'pg'
import { expect, test } from 'vitest'
import { tryNodeLock } from './node-lock.ts'
import { createTestDatabase } from './testing/database.ts'

const { address, ask } = await createTestDatabase()
const fail = (error: Error): void => {
  throw error
}

test('one node holds the database, the next one gets it when the first has gone', async () => {
  const first = await tryNodeLock(address, 'alone', fail)
  expect(first).not.toBeNull()
  expect(await tryNodeLock(address, 'alone', fail)).toBeNull()
  await first?.release()
  const second = await tryNodeLock(address, 'alone', fail)
  expect(second).not.toBeNull()
  await second?.release()
})

test('a node that lost its connection takes the lock again', async () => {
  const held = await tryNodeLock(address, 'alone', fail)
  const holders = `select pid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`
  const [before] = await ask<{ pid: number }>(holders)
  await ask('select pg_terminate_backend($1)', [before?.pid])
  await expect.poll(() => ask(holders), { timeout: 10_000 }).toEqual([{ pid: expect.not.toBeOneOf([before?.pid]) }])
  await expect.poll(() => held?.isHeld).toBe(true)
  await held?.release()
})

test('a node whose lock another one has does not hold it, until that one has gone', async () => {
  const held = await tryNodeLock(address, 'alone', fail)
  expect(held?.isHeld).toBe(true)
  const [holder] = await ask<{ pid: number; objid: number }>(
    `select pid, objid::int from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
  )
  const other = new pg.Client({ connectionString: address })
  await other.connect()
  // It stands in line, so it is the first to get the lock.
  const taken = other.query('select pg_advisory_lock($1)', [holder?.objid])
  await expect.poll(() => ask(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).toHaveLength(1)
  await ask('select pg_terminate_backend($1)', [holder?.pid])
  await taken
  await expect.poll(() => held?.isHeld).toBe(false)
  await other.end()
  await expect.poll(() => held?.isHeld, { timeout: 10_000 }).toBe(true)
  await held?.release()
})

test('nodes that serve together share it; none that is to be alone comes between, nor they beside it', async () => {
  const first = await tryNodeLock(address, 'together', fail)
  const second = await tryNodeLock(address, 'together', fail)
  expect(first?.isHeld && second?.isHeld).toBe(true)
  expect(await tryNodeLock(address, 'alone', fail)).toBeNull()
  await first?.release()
  expect(await tryNodeLock(address, 'alone', fail)).toBeNull()
  await second?.release()
  const alone = await tryNodeLock(address, 'alone', fail)
  expect(alone).not.toBeNull()
  expect(await tryNodeLock(address, 'together', fail)).toBeNull()
  await alone?.release()
})
