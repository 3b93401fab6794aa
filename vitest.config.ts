/** Three kinds of tests, told apart by the end of the file name; `pg` and `fuzz` get one PostgreSQL server for the run. */

import path from 'node:path'
import { defineConfig } from 'vitest/config'

const exclude = ['**/node_modules/**', '**/.next/**']
// What is waited for comes when it comes: a busy machine is no failure.
const expect = { poll: { timeout: 20_000, interval: 20 } }
const postgres = path.resolve(import.meta.dirname, 'db/src/testing/global-setup.ts')

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...exclude, '**/*.{pg,fuzz}.test.ts'],
          expect,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'pg',
          include: ['**/*.pg.test.ts'],
          exclude,
          expect,
          globalSetup: postgres,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'fuzz',
          include: ['**/*.fuzz.test.ts'],
          exclude,
          expect,
          globalSetup: postgres,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
