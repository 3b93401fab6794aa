import { createTestDatabase } from '@skein/db/testing'
import { expect, test } from 'vitest'
import { type Config, readConfig } from '../config/config.ts'
import { createLog } from '../observability/log.ts'
import { openStorage } from './storage.ts'

const { address } = await createTestDatabase()
const log = createLog('silent')
const configWith = (secretKey: string): Config => readConfig({ DATABASE_URL: address, SECRET_KEY: secretKey })
const config = configWith('the one key of this database, always')

test('the same secret key opens the database again, another one is refused before anything is served', async () => {
  const storage = await openStorage(config, { isNode: false, log })
  await storage.close()
  await expect(
    openStorage(configWith('another key of thirty-two or more letters'), { isNode: false, log }),
  ).rejects.toThrow('not the one that this database was made with')
  await (await openStorage(config, { isNode: false, log })).close()
})

test('a second node waits for the first to go; a command of an operator does not', async () => {
  const first = await openStorage(config, { isNode: true, log })
  const second = openStorage(config, { isNode: true, log })
  const command = await openStorage(config, { isNode: false, log })
  await command.close()
  expect(
    await Promise.race([second.then(() => 'opened'), new Promise((resolve) => setTimeout(resolve, 600, 'waiting'))]),
  ).toBe('waiting')
  await first.close()
  await (await second).close()
})

test('nodes with Redis serve together; one without waits until the last of them has gone', async () => {
  const withRedis = readConfig({
    DATABASE_URL: address,
    REDIS_URL: 'redis://127.0.0.1:1',
    SECRET_KEY: 'the one key of this database, always',
  })
  const first = await openStorage(withRedis, { isNode: true, log })
  const second = await openStorage(withRedis, { isNode: true, log })
  expect([first.mayCommit(), second.mayCommit()]).toEqual([true, true])
  let isOpen = false
  const alone = openStorage(config, { isNode: true, log })
  void alone.then(() => {
    isOpen = true
  })
  await first.close()
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(isOpen).toBe(false)
  await second.close()
  await (await alone).close()
})
