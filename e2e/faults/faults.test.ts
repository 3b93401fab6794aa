/** The fault matrix in its smallest size; `npm run faults` has larger ones. */
import { expect, test } from 'vitest'
import { faultsOf } from './faults.ts'

const FAULT_MS_MAX = 600_000

for (const { name, run } of faultsOf('test')) {
  test(name, async () => expect(await run('test', () => {})).toEqual([]), FAULT_MS_MAX)
}
