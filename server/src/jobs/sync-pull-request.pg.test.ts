import { expect, test } from 'vitest'
import { startPullRequest } from '../commands/github/change-link.ts'
import { createSyncWorld, eventually, type Place, type SyncWorld } from './testing/sync-world.ts'

const world: SyncWorld = await createSyncWorld()
const { faults, makePlace, startLoop } = world

const start = { files: [{ path: 'a.txt', content: 'one\ntwo\nthree\n' }] }
/** A repository with a file, pulled into the project, whose changes go by pull request. */
async function makeAsked(settings: object = {}): Promise<Place> {
  const place = await makePlace({ ...start, ...settings })
  await place.link({ mode: 'protected_pr' })
  await eventually(() => place.text('a.txt')).toBe('one\ntwo\nthree\n')
  await eventually(place.state).toBe('pushed')
  return place
}

const openPulls = async (place: Place) => (await place.pulls()).filter(({ state }) => state === 'open')

test('GS8: one pull request, appended, told of in its text, and merged by any method', async () => {
  await startLoop()
  for (const method of ['merge', 'squash', 'rebase']) {
    const place = await makeAsked()
    await place.commit('one\ntwo\nthree\nfour\n')
    await eventually(async () => (await openPulls(place)).length).toBe(1)
    await eventually(place.state).toBe('pushed')
    const head = await place.commit('one\ntwo\nthree\nfour\nfive\n')
    await eventually(async () => (await openPulls(place))[0]?.head.sha).toBe(head)
    await eventually(place.state).toBe('pushed')
    expect((await place.status()).pullRequest).toMatchObject({ number: 1, state: 'open' })
    await place.control('POST', 'pulls/1/merge', { method })
    await place.hint()
    await eventually(async () => (await place.status()).pullRequest?.state).toBe('merged')
    const main = await place.remoteHead()
    await eventually(() => place.project.head()).toBe(main)
    expect(await place.state(), method).toBe('pushed')
    expect(await place.text('a.txt')).toBe('one\ntwo\nthree\nfour\nfive\n')
    await place.commit('one\ntwo\nthree\nfour\nfive\nsix\n')
    await eventually(async () => (await openPulls(place)).map(({ number }) => number)).toEqual([2])
    await eventually(place.state).toBe('pushed')
    expect(await place.remoteHead()).toBe(main)
    await place.expectSound()
  }
  expect(faults).toEqual([])
})

test('GS8: merged on GitHub while people type: what they typed stays, and is asked for next', async () => {
  await startLoop()
  const place = await makeAsked()
  await place.commit('one\ntwo\nthree\nfour\n')
  await eventually(async () => (await openPulls(place)).length).toBe(1)
  await eventually(place.state).toBe('pushed')
  await place.write('a.txt', 'ONE\ntwo\nthree\nfour\n')
  await place.control('POST', 'pulls/1/merge', { method: 'squash' })
  await place.hint()
  await eventually(async () => (await place.status()).pullRequest?.state).toBe('merged')
  await place.project.snapshot()
  await eventually(async () => (await openPulls(place)).map(({ number }) => number)).toEqual([2])
  expect(await place.text('a.txt')).toBe('ONE\ntwo\nthree\nfour\n')
  expect((await place.status()).openConflicts).toBe(0)
})

test('GS8: closed without merging: held, with two ways out', async () => {
  await startLoop()
  const place = await makeAsked()
  await place.commit('one\ntwo\nthree\nfour\n')
  await eventually(async () => (await openPulls(place)).length).toBe(1)
  await eventually(place.state).toBe('pushed')
  await place.control('POST', 'pulls/1/close')
  await place.commit('one\ntwo\nthree\nfour\nfive\n')
  await place.sync()
  await eventually(place.code).toBe('pull-request-closed')
  await place.control('POST', 'pulls/1/reopen')
  await place.sync()
  await eventually(place.state).toBe('pushed')
  expect(await openPulls(place)).toMatchObject([{ number: 1, head: { sha: await place.project.head() } }])
  await place.control('POST', 'pulls/1/close')
  await place.sync()
  await eventually(place.code).toBe('pull-request-closed')
  await startPullRequest(world.links, place.key)
  await eventually(async () => (await openPulls(place)).map(({ number }) => number)).toEqual([2])
  await eventually(place.state).toBe('pushed')
})

test('GS9: protection that is switched on mid-way turns direct pushes to a pull request, and says why', async () => {
  await startLoop()
  const place = await makePlace()
  const first = await place.commit('one\n')
  await place.link({ mode: 'direct_commit' })
  await eventually(() => place.remoteHead()).toBe(first)
  await place.control('PATCH', '', { protectedBranches: { main: ['Changes must be made through a pull request.'] } })
  const second = await place.commit('two\n')
  await eventually(async () => (await openPulls(place))[0]?.head.sha).toBe(second)
  await eventually(place.state).toBe('pushed')
  expect(await place.status()).toMatchObject({
    mode: 'protected_pr',
    modeReason: expect.stringContaining('Changes must be made through a pull request'),
  })
  expect(await place.remoteHead()).toBe(first)
  expect(
    (await place.operations()).map(({ direction, state, mode, branch, errorCode }) => [
      direction,
      state,
      mode,
      branch,
      errorCode,
    ]),
  ).toEqual([
    ['event', 'done', 'protected_pr', 'main', null],
    ['push', 'done', 'protected_pr', 'skein/notes', null],
    ['event', 'done', 'protected_pr', 'main', null],
    ['push', 'held', 'direct_commit', 'main', 'github-protected-branch'],
    ['push', 'done', 'direct_commit', 'main', null],
  ])
})
