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
  await eventually(async () =>
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

test('GS8: the text says what changed and by whom, and is written at most once a minute', async () => {
  await startLoop()
  const place = await makeAsked()
  await place.commit('one\ntwo\nthree\nfour\n')
  await eventually(async () => (await openPulls(place)).length).toBe(1)
  const [first] = await openPulls(place)
  expect(first?.title).toContain('a.txt')
  expect(first?.body).toContain('Ana')
  await place.commit('new\n', 'b.txt')
  await eventually(async () => (await openPulls(place))[0]?.head.sha).toBe(await place.project.head())
  await eventually(
    async () =>
      (
        await world.test.ask('select 1 from outbox where project_id = $1 and check_reason = $2 and target is null', [
          place.key.projectId,
          'poll',
        ])
      ).length,
  ).toBe(1)
  expect((await openPulls(place))[0]).toMatchObject({ title: first?.title, body: first?.body })
  // The minute is over.
  await world.test.ask(`update github_link set pr_text_at = pr_text_at - interval '2 minutes' where project_id = $1`, [
    place.key.projectId,
  ])
  await place.poll()
  await eventually(async () => (await openPulls(place))[0]?.body).toContain('b.txt')
})

test('GS8: commits that people push to our branch come in; a branch that is deleted closes its pull request', async () => {
  await startLoop()
  const place = await makeAsked()
  await place.commit('one\ntwo\nthree\nfour\n')
  await eventually(async () => (await openPulls(place)).length).toBe(1)
  const theirs = await place.commitThere([{ path: 'review.md', content: 'by a reviewer\n' }], { branch: 'skein/notes' })
  await place.hint()
  await eventually(() => place.text('review.md')).toBe('by a reviewer\n')
  await eventually(() => place.project.head()).toBe(theirs)
  await eventually(place.state).toBe('pushed')
  await place.control('PUT', 'ref', { ref: 'refs/heads/skein/notes', oid: null })
  await place.hint(true)
  await eventually(place.code).toBe('pull-request-closed')
  await startPullRequest(world.links, place.key)
  await eventually(async () => (await openPulls(place)).map(({ number }) => number)).toEqual([2])
  await eventually(place.state).toBe('pushed')
  await place.expectSound()
})

test('GS7 GS8: after a force-push another pull request asks, and the one before is closed with its number', async () => {
  await startLoop()
  const place = await makeAsked()
  await place.commitThere([{ path: 'b.txt', content: 'one\n' }])
  await place.hint()
  await eventually(() => place.text('b.txt')).toBe('one\n')
  await place.commit('one\ntwo\nthree\nfour\n')
  await eventually(async () => (await openPulls(place)).length).toBe(1)
  await eventually(place.state).toBe('pushed')
  expect((await openPulls(place))[0]?.body).toContain('`a.txt` +1 −0')
  await place.commitThere([{ path: 'b.txt', content: 'another\n' }], { amend: true })
  await place.hint()
  await eventually(async () => (await openPulls(place)).map(({ number }) => number)).toEqual([2])
  await eventually(place.state).toBe('pushed')
  expect(await place.control('GET', 'pulls/1/comments')).toMatchObject([{ body: expect.stringContaining('#2') }])
  expect((await place.status()).pullRequest).toMatchObject({ number: 2, state: 'open' })
  expect(await place.text('b.txt')).toBe('another\n')
  await place.expectSound()
  expect(faults).toEqual([])
})

test('GS8: hybrid goes to the branch while it may, and asks while it may not', async () => {
  await startLoop()
  const place = await makePlace(start)
  await place.link({ mode: 'hybrid' })
  await eventually(() => place.text('a.txt')).toBe('one\ntwo\nthree\n')
  await eventually(place.state).toBe('pushed')
  const first = await place.commit('one\ntwo\nthree\nfour\n')
  await eventually(() => place.remoteHead()).toBe(first)
  await place.control('PATCH', '', { protectedBranches: { main: ['Changes must be made through a pull request.'] } })
  const second = await place.commit('one\ntwo\nthree\nfour\nfive\n')
  await eventually(async () => (await openPulls(place))[0]?.head.sha).toBe(second)
  expect(await place.status()).toMatchObject({ mode: 'hybrid' })
  await place.control('PATCH', '', { protectedBranches: {} })
  await place.control('POST', 'pulls/1/merge', { method: 'merge' })
  await place.hint(true)
  const main = await place.remoteHead()
  await eventually(() => place.project.head()).toBe(main)
  const third = await place.commit('one\ntwo\nthree\nfour\nfive\nsix\n')
  await eventually(() => place.remoteHead()).toBe(third)
})

test('GS9: what the branch asks for is told in words, and a direct push that breaks it asks instead', async () => {
  await startLoop()
  const checks = { type: 'required_status_checks', parameters: { required_status_checks: [{ context: 'build' }] } }
  for (const [rule, words] of [
    [{ type: 'pull_request', parameters: {} }, 'a pull request'],
    [checks, 'these checks: build'],
    [{ type: 'required_signatures' }, 'signed commits'],
    [{ type: 'merge_queue' }, 'the merge queue'],
  ] as const) {
    const place = await makePlace(start)
    await place.link({ mode: 'direct_commit' })
    await eventually(() => place.text('a.txt')).toBe('one\ntwo\nthree\n')
    await eventually(place.state).toBe('pushed')
    const before = await place.remoteHead()
    await place.control('PATCH', '', { rules: { main: [rule] } })
    const head = await place.commit('one\ntwo\nthree\nfour\n')
    await eventually(async () => (await openPulls(place))[0]?.head.sha).toBe(head)
    expect([await place.remoteHead(), (await place.status()).mode]).toEqual([before, 'protected_pr'])
    await place.hint(true)
    await eventually(place.notes).toContainEqual(expect.stringContaining(words))
  }
})
