import path from 'node:path'
import { expect, test } from 'vitest'
import { dumpSchema } from './schema-dump.ts'
import { createTestDatabase } from './testing/database.ts'

const { ask } = await createTestDatabase()

// `vitest -u` writes the file anew, as it does with snapshots.
test('db/schema.sql is what the migrations make', async () => {
  const dumped = await dumpSchema({ query: (text, values) => ask(text, values) })
  await expect(dumped).toMatchFileSnapshot(path.resolve(import.meta.dirname, '../schema.sql'))
})
