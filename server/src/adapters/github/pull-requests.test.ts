import { expect, test, vi } from 'vitest'
import { createGithubWorld, quiet, type TestRepository } from './testing/github-world.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { github, control, createHost, makeRepository, commitThere, calls } = await createGithubWorld()
const one = (content: string) => [{ path: 'a.txt', content }]
const text = { title: 'Work from Skein', body: 'By Ana.' }
const branches = { head: 'skein/site', base: 'main' }

interface Rule {
  type: string
  parameters?: object
}

/** The second branch, where the first is. */
async function branchOff({ repositoryId }: TestRepository): Promise<void> {
  const oid = await github.readRef(repositoryId, `refs/heads/${branches.base}`)
  await github.moveRef(repositoryId, `refs/heads/${branches.head}`, oid ?? '')
}

/** A repository with a base branch and one that is ahead of it. */
async function makeAhead(settings: Record<string, unknown> = {}) {
  const repository = await makeRepository({ files: one('zero'), ...settings })
  await branchOff(repository)
  const head = await commitThere(repository, one('one'), { branch: branches.head })
  return { repository, head }
}

test('GS8: one pull request between two branches: made, found, read, changed', async () => {
  const { repository, head } = await makeAhead()
  const { fullName } = repository
  const { api } = createHost()
  expect(await api.findPullRequest(repository, fullName, branches, quiet)).toEqual({ ok: true, value: null })
  const made = await api.createPullRequest(repository, fullName, { ...text, ...branches }, quiet)
  if (!made.ok) throw new Error(JSON.stringify(made.failure))
  const { number } = made.value
  expect(made.value).toMatchObject({
    title: text.title,
    state: 'open',
    headBranch: branches.head,
    baseBranch: branches.base,
    headOid: head,
    mergeOid: null,
    url: expect.stringMatching(/^https?:/),
  })
  expect(await api.findPullRequest(repository, fullName, branches, quiet)).toMatchObject({ value: { number } })
  expect(await api.readPullRequest(repository, fullName, number, quiet)).toMatchObject({
    value: { number, headOid: head },
  })
  const again = await api.createPullRequest(repository, fullName, { ...text, ...branches }, quiet)
  expect(again).toMatchObject({ ok: true, value: { number, state: 'open' } })
  const changed = { title: 'x'.repeat(300), body: 'y'.repeat(70_000) }
  const updated = await api.updatePullRequest(repository, fullName, number, changed, quiet)
  expect(updated).toMatchObject({ ok: true, value: { number, title: `${'x'.repeat(255)}…` } })
})

test('GS8: a pull request is closed with a word why, once', async () => {
  const { repository } = await makeAhead()
  const { fullName, repositoryId } = repository
  const { api } = createHost()
  await api.createPullRequest(repository, fullName, { ...text, ...branches }, quiet)
  const comments = () => control<{ body: string }[]>('GET', `repositories/${repositoryId}/pulls/1/comments`)
  for (const _again of [1, 2]) {
    const closed = await api.closePullRequest(repository, fullName, 1, 'Number 2 asks for it.', quiet)
    expect(closed).toMatchObject({ ok: true, value: { number: 1, state: 'closed' } })
    expect(await comments()).toMatchObject([{ body: 'Number 2 asks for it.' }])
  }
  const missing = await api.closePullRequest(repository, fullName, 9, 'x', quiet)
  expect(missing).toMatchObject({ ok: false, failure: { kind: 'not-found' } })
})

test('GS8: what there is nothing to ask for is declined, in GitHub’s words', async () => {
  const repository = await makeRepository({ files: one('zero') })
  await branchOff(repository)
  const { api } = createHost()
  expect(await api.createPullRequest(repository, repository.fullName, { ...text, ...branches }, quiet)).toMatchObject({
    ok: false,
    failure: { kind: 'declined', detail: expect.stringContaining('No commits between') },
  })
})

test('GS8: merged in whatever way and closed are told apart', async () => {
  for (const [method, state] of [
    ['merge', 'merged'],
    ['squash', 'merged'],
    ['rebase', 'merged'],
    [null, 'closed'],
  ] as const) {
    const { repository } = await makeAhead()
    const { api } = createHost()
    const made = await api.createPullRequest(repository, repository.fullName, { ...text, ...branches }, quiet)
    if (!made.ok) throw new Error(JSON.stringify(made.failure))
    const { number } = made.value
    if (method === null) await github.closePull(repository.repositoryId, number)
    else await github.mergePull(repository.repositoryId, number, { method })
    const read = await api.readPullRequest(repository, repository.fullName, number, quiet)
    expect(read, `${method}`).toMatchObject({ ok: true, value: { state } })
    const tip = await github.readRef(repository.repositoryId, 'refs/heads/main')
    if (read.ok) expect(read.value.mergeOid).toBe(method === null ? null : tip)
    const found = await api.findPullRequest(repository, repository.fullName, branches, quiet)
    expect(found).toMatchObject({ value: { number, state } })
  }
})

test('GS9: protection and rules of a branch make one picture, also of a branch that is not there yet', async () => {
  const { api } = createHost()
  const rulesOf = async (settings: Record<string, unknown>, branch = 'main') => {
    const repository = await makeRepository({ files: one('zero'), ...settings })
    const answer = await api.readRules(repository, repository.fullName, branch, quiet)
    if (!answer.ok) throw new Error(JSON.stringify(answer.failure))
    return answer.value
  }
  const none = {
    isProtected: false,
    needsPullRequest: false,
    needsSignatures: false,
    hasMergeQueue: false,
    requiredChecks: [],
  }
  expect(await rulesOf({})).toEqual(none)
  expect(await rulesOf({}, 'feature/not-there')).toEqual(none)
  expect(await rulesOf({ protectedBranches: { main: ['No.'] } })).toMatchObject({ isProtected: true })
  const ruled = (...rules: Rule[]) => rulesOf({ rules: { main: rules } })
  // Whether such a branch counts as protected is for GitHub to say.
  expect(await ruled({ type: 'deletion' }, { type: 'non_fast_forward' })).toMatchObject({ needsPullRequest: false })
  expect(await ruled({ type: 'pull_request' })).toEqual({ ...none, isProtected: true, needsPullRequest: true })
  expect(await ruled({ type: 'required_signatures' })).toEqual({ ...none, isProtected: true, needsSignatures: true })
  expect(await ruled({ type: 'merge_queue' })).toEqual({
    ...none,
    ...{ isProtected: true, needsPullRequest: true, hasMergeQueue: true },
  })
  const parameters = { required_status_checks: [{ context: 'build' }, { context: 'test' }] }
  expect(await ruled({ type: 'required_status_checks', parameters })).toEqual({
    ...none,
    ...{ isProtected: true, requiredChecks: ['build', 'test'] },
  })
})

test('GS11: an installation does not wait for the calls of another', async () => {
  const busy = [await makeAhead(), await makeAhead()].map(({ repository }) => repository)
  const { repository: other } = await makeAhead()
  // Both of the first two belong to one installation now.
  const [first, second] = busy as [TestRepository, TestRepository]
  const { installationId } = first
  await github.changeInstallation(installationId, { repositoryIds: [first.repositoryId, second.repositoryId] })
  const { api } = createHost()
  const ended: string[] = []
  const open = async (name: string, place: TestRepository) => {
    const answer = await api.createPullRequest(place, place.fullName, { ...text, ...branches }, quiet)
    ended.push(`${name} ${answer.ok}`)
  }
  // Pull requests of one installation are made one in three seconds.
  await Promise.all([open('first', first), open('second', { ...second, installationId }), open('other', other)])
  expect([...ended].sort()).toEqual(['first true', 'other true', 'second true'])
  expect(ended.at(-1)).not.toBe('other true')
})

test('GS10: a name that moved is told as such, and the token does not follow', async () => {
  const { repository } = await makeAhead()
  await control('PATCH', `repositories/${repository.repositoryId}`, { name: `new-${repository.repositoryId}` })
  const { api } = createHost()
  await calls()
  const answers = [
    await api.findPullRequest(repository, repository.fullName, branches, quiet),
    await api.createPullRequest(repository, repository.fullName, { ...text, ...branches }, quiet),
    await api.readRules(repository, repository.fullName, 'main', quiet),
  ]
  for (const answer of answers) expect(answer).toEqual({ ok: false, failure: { kind: 'renamed' } })
  expect((await calls()).filter((call) => /new-|\/repositories\//.test(call))).toEqual([])
})

test('a call that is given up rejects at once, also while it waits for its turn', async () => {
  const { repository } = await makeAhead()
  const { api } = createHost()
  const before = AbortSignal.abort(new Error('given up'))
  await expect(api.readRepository(repository, before)).rejects.toThrow('given up')
  const stop = new AbortController()
  const request = { ...text, ...branches }
  // Pull requests are made one in three seconds, so the second of them waits.
  const first = api.createPullRequest(repository, repository.fullName, request, quiet)
  const second = api.createPullRequest(repository, repository.fullName, request, stop.signal)
  second.catch(() => {})
  expect((await first).ok).toBe(true)
  stop.abort(new Error('given up'))
  await expect(second).rejects.toThrow('given up')
})
