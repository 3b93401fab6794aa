import { outboxQueries } from '@skein/db'
import type { WorkspaceId } from '@skein/protocol'
import { expect, test } from 'vitest'
import {
  requestSync,
  requestSyncOfAll,
  retryOperation,
  startPullRequest,
  updateLink,
} from '../commands/github/change-link.ts'
import { linkProject, unlinkProject } from '../commands/github/link-project.ts'
import { Viewers } from '../commands/github/viewers.ts'
import { createImports } from '../commands/import/request-import.ts'
import { createProject } from '../commands/projects/create-project.ts'
import { createSyncWorld, eventually, type Place } from './testing/sync-world.ts'

const world = await createSyncWorld()
const { ana, deps, faults, github, links, makePlace, startLoop } = world
const { ask } = world.test
const start = { files: [{ path: 'a.txt', content: 'one\ntwo\nthree\n' }] }
const rowOf = (place: Place) => outboxQueries.findSync(deps.db.instance, place.key.projectId)

test('linking is refused with words: twice, of another workspace, unknown, unconfigured', async () => {
  const place = await makePlace()
  await place.link()
  await expect(place.link()).rejects.toMatchObject({ code: 'already-linked' })
  const stranger = await makePlace()
  const foreign = { ...place.repository, mode: 'direct_commit' as const }
  await expect(linkProject(links, stranger.key, ana, foreign)).rejects.toMatchObject({ code: 'forbidden' })
  const unknown = { ...stranger.repository, repositoryId: 99 }
  await expect(linkProject(links, stranger.key, ana, unknown)).rejects.toMatchObject({
    code: 'github-refused',
    details: { reason: 'github-not-found' },
  })
  await expect(stranger.link({ branch: 'a..b' })).rejects.toMatchObject({ code: 'invalid-request' })
  await expect(
    linkProject({ ...links, hasApp: async () => false }, stranger.key, ana, stranger.repository),
  ).rejects.toMatchObject({ code: 'github-not-configured' })
  await github.control('PUT', 'outage', { outage: { status: 502 } })
  await expect(stranger.link()).rejects.toMatchObject({ code: 'github-unreachable' })
  await github.control('PUT', 'outage', {})
  await expect(requestSync(links, stranger.key)).rejects.toMatchObject({ code: 'not-linked' })
  await expect(startPullRequest(links, stranger.key)).rejects.toMatchObject({ code: 'not-linked' })
})

test('the mode of a new link is by pull request, and settings are changed one by one', async () => {
  const place = await makePlace(start)
  expect(await place.link({ mode: undefined as never })).toMatchObject({
    mode: 'protected_pr',
    overlaps: 'ask',
    former: null,
  })
  expect(await place.update({ mode: 'hybrid' })).toMatchObject({ mode: 'hybrid', modeReason: null })
  expect(await place.update({ overlaps: 'theirs' })).toMatchObject({ mode: 'hybrid', overlaps: 'theirs' })
  expect(await place.update({ branch: 'work' })).toMatchObject({
    repository: { branch: 'work' },
    remote: { oid: null },
  })
  await expect(place.update({ branch: 'a..b' })).rejects.toMatchObject({ code: 'invalid-request' })
  expect(await updateLink(links, place.key, ana, {})).toMatchObject({ mode: 'hybrid', overlaps: 'theirs' })
})

test('GS14: unlinked and linked again, the same repository takes up where it was', async () => {
  await startLoop()
  const place = await makePlace(start)
  await place.link({ mode: 'protected_pr' })
  await eventually(() => place.text('a.txt')).toBe('one\ntwo\nthree\n')
  const head = await place.commit('one\ntwo\nthree\nfour\n')
  await eventually(async () => (await place.pulls()).length).toBe(1)
  await eventually(async () => (await rowOf(place))?.target).toBe(null)
  const { fullName: _name, ...numbers } = place.repository
  expect(await place.unlink()).toMatchObject({ state: 'not-linked', former: { ...numbers, branch: 'main' } })
  expect(await rowOf(place)).toBe(null)
  const later = await place.commit('one\ntwo\nthree\nfour\nfive\n')
  expect(await place.link({ mode: 'protected_pr' })).toMatchObject({
    former: null,
    pullRequest: { number: 1, state: 'open' },
  })
  await eventually(() => place.remoteHead('skein/notes')).toBe(later)
  await eventually(place.state).toBe('pushed')
  expect((await place.pulls()).map(({ number, state }) => [number, state])).toEqual([[1, 'open']])
  expect((await place.pushes()).map(({ after }) => after)).toEqual([head, later])
})

test('GS1: linked to another repository while a push is on its way, nothing of the former is believed of the new one', async () => {
  const place = await makePlace()
  const other = await makePlace({ files: [{ path: 'README.md', content: 'hello\n' }] })
  await place.commit('one\n')
  await place.commit('two\n', 'b.txt')
  let pushes = 0
  const { remote } = deps
  await startLoop({
    remote: {
      readRefs: (...asked) => remote.readRefs(...asked),
      fetch: (...asked) => remote.fetch(...asked),
      push: async (...asked) => {
        const answer = await remote.push(...asked)
        pushes += 1
        if (pushes > 1) return answer
        await place.unlink()
        await place.link(other.repository)
        return answer
      },
    },
  })
  await place.link()
  await eventually(() => place.text('README.md')).toBe('hello\n')
  await eventually(place.state).toBe('pushed')
  expect([await place.text('a.txt'), await place.text('b.txt')]).toEqual(['one\n', 'two\n'])
  expect((await place.notes()).join()).not.toContain('force-push')
  expect(await other.remoteHead()).toBe((await place.status()).pushedOid)
  expect((await other.pushes()).every(({ forced }) => !forced)).toBe(true)
})

test('GS14: a project is made from a repository, and open when its first look has ended, also of an empty one', async () => {
  await startLoop()
  for (const settings of [start, {}]) {
    const place = await makePlace({ ...settings, defaultBranch: 'trunk' })
    const { installationId, repositoryId, fullName } = place.repository
    const { workspaceId } = place.key
    const creating = { db: deps.db, templates: { demo: [] }, imports: createImports([]), links }
    const { id } = await createProject(creating, workspaceId, ana, { github: { installationId, repositoryId } })
    const project = async () =>
      (await ask<object>('select name, state, source, default_branch, file_count from project where id = $1', [id]))[0]
    expect(await project()).toMatchObject({ state: 'importing', source: 'git', name: fullName.split('/')[1] })
    await eventually(project).toMatchObject({
      state: 'ready',
      default_branch: 'trunk',
      file_count: settings === start ? 1 : 0,
    })
    const told = await ask('select 1 from event where project_id = $1 and type = $2', [id, 'project'])
    expect(told).toHaveLength(1)
  }
  await expect(
    createProject(
      { db: deps.db, templates: { demo: [] }, imports: createImports([]), links },
      'x' as WorkspaceId,
      ana,
      {
        template: 'demo',
        github: { installationId: 1, repositoryId: 1 },
      },
    ),
  ).rejects.toMatchObject({ code: 'invalid-request' })
})

test('GS13: operations are tried again by their id, and by all that failed in a workspace', async () => {
  const place = await makePlace()
  await place.commit('one\n')
  await place.link()
  const loop = await startLoop({
    secrets: { check: async () => ({ code: 'secret-findings', message: 'Look at it.' }) },
  })
  await eventually(place.code).toBe('secret-findings')
  const held = (await place.operations()).find(({ direction }) => direction === 'push')
  expect(held).toMatchObject({ state: 'held', attempts: 1, errorCode: 'secret-findings' })
  await eventually(async () => (await rowOf(place))?.checkReason).toBe('poll')
  expect(await retryOperation(links, place.key, held?.id ?? '')).toMatchObject({ state: 'waiting', reason: null })
  await eventually(async () => (await place.operations()).find(({ id }) => id === held?.id)?.attempts).toBe(2)
  await eventually(place.code).toBe('secret-findings')
  await loop.drain()
  await startLoop()
  expect(await requestSyncOfAll(links, place.key.workspaceId, 'failed')).toBe(1)
  await eventually(place.state).toBe('pushed')
  expect(await requestSyncOfAll(links, place.key.workspaceId, 'held')).toBe(0)
  expect(await requestSyncOfAll(links, place.key.workspaceId, 'all')).toBe(1)
  const done = (await place.operations()).find(({ id }) => id === held?.id)
  expect(done).toMatchObject({ state: 'done', attempts: 3, errorCode: null })
  await expect(retryOperation(links, place.key, done?.id ?? '')).rejects.toMatchObject({ code: 'invalid-request' })
  await expect(retryOperation(links, place.key, place.key.projectId)).rejects.toMatchObject({ code: 'not-found' })
})

test('GS1: an open page makes the next look come sooner, and costs a row every 20 seconds at most', async () => {
  const place = await makePlace()
  await place.link()
  const loop = await startLoop()
  await eventually(async () => (await rowOf(place))?.checkReason).toBe('poll')
  await loop.drain()
  const dueIn = async () => ((await rowOf(place))?.nextAt.getTime() ?? 0) - Date.now()
  expect(await dueIn()).toBeGreaterThan(60_000)
  const told: (string | null | undefined)[] = []
  const record: typeof deps.record = (tx, project, event) => {
    if (event.type === 'sync') told.push(event.github.remote?.nextCheckAt)
    return deps.record(tx, project, event)
  }
  const viewers = new Viewers(deps.db, record, (error) => faults.push(error))
  for (let times = 0; times < 5; times++) viewers.note(place.key)
  await eventually(dueIn).toBeLessThan(31_000)
  const viewed = async () =>
    (await ask<{ at: Date }>('select viewed_at as at from github_link where project_id = $1', [place.key.projectId]))[0]
      ?.at
  const first = await viewed()
  // The page read “every 2 minutes” before it was known that somebody has it open.
  await eventually(() => told).toEqual([(await place.status()).remote?.nextCheckAt])
  new Viewers(deps.db, record, (error) => faults.push(error)).note(place.key)
  await place.status()
  expect([await viewed(), told.length]).toEqual([first, 1])
})

test('GS1: a hint that comes during a round is worked on after it', async () => {
  const place = await makePlace()
  await place.link()
  const row = await deps.db.onInstance(async (tx) => {
    await ask(`update outbox set next_at = now() + interval '1 hour' where project_id <> $1`, [place.key.projectId])
    return outboxQueries.claimSync(tx, 60_000)
  })
  expect(row).toMatchObject({ projectId: place.key.projectId, checkReason: 'link' })
  await place.hint(true)
  if (row === null) throw new Error('nothing was due')
  const later = new Date(Date.now() + 3_600_000)
  const isIdle = await deps.db.onInstance((tx) => outboxQueries.settleSync(tx, row, later))
  expect(isIdle).toBe(false)
  const left = await rowOf(place)
  expect(left).toMatchObject({ checkReason: 'webhook', isDeep: true })
  expect(left?.nextAt.getTime()).toBeLessThanOrEqual(Date.now() + 1000)
})

test('GS1: workspaces take turns, and what was asked for comes before the clock', async () => {
  await ask(`update outbox set next_at = now() + interval '1 hour'`)
  const [busy, other] = [await makePlace(), await makePlace()]
  for (const place of [busy, other]) await place.link()
  const more = await ask<{ id: string }>(
    `insert into project (workspace_id, slug, name, created_by) select $1, 'p' || n, 'P', 'skein' from generate_series(1, 3) n returning id`,
    [busy.key.workspaceId],
  )
  for (const { id } of more) {
    await ask(
      `insert into outbox (project_id, owner_workspace, check_reason, next_at) values ($1, $2, 'person', now() - interval '1 minute')`,
      [id, busy.key.workspaceId],
    )
  }
  await ask(`update outbox set check_reason = 'poll' where project_id = $1`, [busy.key.projectId])
  const order: string[] = []
  for (let n = 0; n < 5; n++) {
    const row = await deps.db.onInstance((tx) => outboxQueries.claimSync(tx, 60_000))
    order.push(
      row?.projectId === busy.key.projectId ? 'poll' : row?.projectId === other.key.projectId ? 'other' : 'asked',
    )
  }
  expect(order).toEqual(['asked', 'other', 'asked', 'asked', 'poll'])
  await unlinkProject(links, busy.key)
})

test('nothing of all this was a fault of ours', () => {
  expect(faults).toEqual([])
})
