import { createTestDatabase } from '@skein/db/testing'
import { getMigrations } from 'better-auth/db/migration'
import { expect, test } from 'vitest'
import { accountOptions } from './better-auth.ts'

const { database } = await createTestDatabase()

test('the tables of our migration are those that the library wants', async () => {
  const options = accountOptions({
    pool: database.accounts,
    secret: 'a secret key of a test, thirty-two long',
    publicUrl: 'http://localhost:3000',
    ownOrigins: ['http://localhost:3000'],
    log: () => {},
  })
  const { toBeCreated, toBeAdded, toBeAddedIndexes, schemaProblems } = await getMigrations(options)
  expect({ toBeCreated, toBeAdded, toBeAddedIndexes, schemaProblems }).toEqual({
    toBeCreated: [],
    toBeAdded: [],
    toBeAddedIndexes: [],
    schemaProblems: [],
  })
})
