import { expect, test } from 'vitest'
import { createSyncWorld, eventually } from './testing/sync-world.ts'

const { faults, makePlace, startLoop } = await createSyncWorld()

test('GS3 GS13: commits of a linked project arrive with their oids, and the page is told with a link', async () => {
  const place = await makePlace()
  const first = await place.commit('one\n')
  expect(await place.state()).toBe('not-linked')
  expect(await place.link()).toMatchObject({ state: 'waiting', waitingCommits: 1, repository: { branch: 'main' } })
  await startLoop()
  await eventually(place.state).toBe('pushed')
  expect(await place.remoteHead()).toBe(first)
  const second = await place.commit('two\n')
  await eventually(() => place.remoteHead()).toBe(second)
  await eventually(place.state).toBe('pushed')
  expect(faults).toEqual([])
  expect(
    (await place.operations()).map(
      ({ direction, state, trigger, oidBefore, oidAfter, commits, files, insertions, deletions }) => ({
        direction,
        state,
        trigger,
        oidBefore,
        oidAfter,
        commits,
        files,
        insertions,
        deletions,
      }),
    ),
  ).toEqual([])
})
