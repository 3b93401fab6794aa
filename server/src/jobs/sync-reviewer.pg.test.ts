/** Somebody commits on our branch for pull requests, between two looks of the sync job at it. */
import { expect, test } from 'vitest'
import { createSyncWorld, eventually, type Place, type SyncWorld } from './testing/sync-world.ts'

const world: SyncWorld = await createSyncWorld()
const { faults, makePlace, startLoop } = world

const text = 'one\ntwo\nthree\n'
const files = [
  { path: 'a.txt', content: text },
  { path: 'b.txt', content: 'b\n' },
]

const openPulls = async (place: Place) => (await place.pulls()).filter(({ state }) => state === 'open')

/** A project whose change is asked to be pulled. */
async function makeAsked(): Promise<Place> {
  await startLoop()
  const place = await makePlace({ files })
  await place.link({ mode: 'protected_pr' })
  await eventually(() => place.text('a.txt')).toBe(text)
  await eventually(place.state).toBe('pushed')
  await place.commit(`${text}four\n`)
  await eventually(async () => (await openPulls(place)).length).toBe(1)
  await eventually(place.state).toBe('pushed')
  return place
}

test('GS7: the branch of the link and our branch for pull requests both went on: both come in, and no history is left', async () => {
  const place = await makeAsked()
  const main = await place.commitThere([{ path: 'b.txt', content: 'b of main\n' }])
  const reviewed = await place.commitThere([{ path: 'review.md', content: 'by a reviewer\n' }], {
    branch: 'skein/notes',
  })
  await place.hint()
  await eventually(() => place.text('review.md')).toBe('by a reviewer\n')
  await eventually(() => place.text('b.txt')).toBe('b of main\n')
  const listHistory = async () => (await place.project.git('rev-list', 'HEAD')).trim().split('\n')
  await eventually(listHistory).toEqual(expect.arrayContaining([main, reviewed]))
  const notes = (await place.operations()).map(({ note }) => note)
  expect(notes.join()).not.toContain('force-push')
  expect(faults).toEqual([])
})

for (const method of ['squash', 'rebase']) {
  test(`GS8: a commit of somebody else is merged with our pull request (${method}) before it came here: it comes in`, async () => {
    const place = await makeAsked()
    await place.commitThere([{ path: 'b.txt', content: 'b of Ben\n' }], { branch: 'skein/notes' })
    await place.control('POST', 'pulls/1/merge', { method })
    await place.hint()
    await eventually(() => place.text('b.txt')).toBe('b of Ben\n')
    // Nothing of ours is left to say.
    const main = await place.remoteHead()
    await eventually(() => place.project.head()).toBe(main)
    await eventually(place.state).toBe('pushed')
    expect(await place.text('a.txt')).toBe(`${text}four\n`)
    expect(await place.project.git('show', `${main}:b.txt`)).toBe('b of Ben')
    expect(faults).toEqual([])
  })
}
