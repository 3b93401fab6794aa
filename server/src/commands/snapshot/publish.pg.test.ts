import { githubLinkQueries, type Tx } from '@skein/db'
import { encodeObject } from '@skein/git-model'
import { describe, expect, test } from 'vitest'
import { lockLink } from '../github/lock-link.ts'
import type { SnapshotStep } from './snapshot.ts'
import { createSnapshotWorld, killAt, moveBranchAway, type ProjectWorld } from './testing/snapshot-world.ts'

const world = await createSnapshotWorld()
const ana = await world.person('Ana')
const ben = await world.person('Ben')
const text = (content: string) => Buffer.from(content)

const commitsOf = async (project: ProjectWorld) => (await project.git('log', '--format=%s')).split('\n').reverse()

const insertLink = (tx: Tx, { key }: ProjectWorld) =>
  githubLinkQueries.insertGithubLink(tx, {
    ...key,
    installationId: 1,
    repositoryId: 2,
    fullName: 'a/b',
    htmlUrl: 'https://github.com/a/b',
    ...{ branch: 'main', defaultBranch: 'main', directory: '', mode: 'direct_commit' as const },
    createdBy: ana.userId,
  })

describe('SN4: publishing', () => {
  const steps: SnapshotStep[] = ['claimed', 'cut', 'built', 'stored', 'publishing', 'published']

  test.each(steps)('SN4: killed when %s, nothing is lost and nothing happens twice', async (step) => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'two\n')
    await project.upload(ben, 'two.bin', Buffer.from([0, 2]))
    await expect(project.snapshot({ message: 'Second' }, killAt(step))).rejects.toThrow('killed')
    // Once more, where what was left open comes by this step again.
    await project.snapshot({ message: 'Second' }, killAt(step)).catch(() => null)
    await project.snapshot({ message: 'Second' })
    expect(await commitsOf(project)).toEqual(['Add one.md', 'Second'])
    expect(await project.committed()).toEqual(
      new Map([
        ['one.md', text('One\ntwo\n')],
        ['two.bin', Buffer.from([0, 2])],
      ]),
    )
    expect(await project.dirty()).toEqual([])
    expect(await project.fsck()).toBe('')
    expect(await project.ask(`select 1 from snapshot where project_id = $1 and state = 'open'`)).toEqual([])
    expect(await project.ask(`select 1 from event where project_id = $1 and type = 'snapshot'`)).toHaveLength(2)
    expect(await project.ask('select 1 from git_commit where project_id = $1')).toHaveLength(2)
    expect(await project.ask('select 1 from reflog where project_id = $1')).toHaveLength(2)
  })

  test('SN4: a branch that moved in between is built upon, not overwritten', async () => {
    const { project, file, commit } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'two\n')
    const second = await project.snapshot(
      {},
      {
        onStep: async (step) => {
          if (step === 'stored') await moveBranchAway(world, project, commit?.oid ?? '')
        },
      },
    )
    expect(await commitsOf(project)).toEqual(['Add one.md', 'Elsewhere', 'Update one.md'])
    expect(await project.head()).toBe(second?.oid)
    expect(await project.fsck()).toBe('')
  })

  test('SN4: two at once make one commit', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'two\n')
    const both = await Promise.all([project.snapshot(), project.snapshot()])
    expect(both.filter((commit) => commit !== null)).toHaveLength(1)
    expect(await commitsOf(project)).toEqual(['Add one.md', 'Update one.md'])
  })

  test('SN4: a worker that was overtaken by a later claim publishes nothing', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'two\n')
    const slow = await project.snapshot(
      { message: 'slow' },
      {
        onStep: async (step) => {
          if (step !== 'stored') return
          await world.test.ask('update repository set leased_until = null where project_id = $1', [
            project.key.projectId,
          ])
          await project.snapshot({ message: 'fast' })
        },
      },
    )
    expect(slow).toBe(null)
    expect(await commitsOf(project)).toEqual(['Add one.md', 'slow'])
    expect(await project.fsck()).toBe('')
  })

  test('SN4: whoever does not want to wait for another snapshot is told so', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'two\n')
    await project.snapshot(
      {},
      {
        onStep: async (step) => {
          if (step === 'cut') await expect(project.snapshot({ waitMs: 0 })).rejects.toThrow('still being made')
        },
      },
    )
  })

  test('SN4: a linked project gets a push to do, in the same transaction', async () => {
    const { project, file } = await world.committedProject(ana)
    await world.database.inWorkspace(project.key.workspaceId, (tx) => insertLink(tx, project))
    await project.type(ana, file.documentId, 'two\n')
    await expect(project.snapshot({}, killAt('publishing'))).rejects.toThrow('killed')
    expect(await project.ask('select 1 from outbox where project_id = $1')).toEqual([])
    const commit = await project.snapshot()
    const asked = await project.ask('select ref, target from outbox where project_id = $1')
    expect(asked).toEqual([{ ref: 'refs/heads/main', target: commit?.oid }])
  })

  test('SN4: a link that is made while a commit is published gets that commit', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'two\n')
    const holds = Promise.withResolvers<void>()
    const link = () =>
      world.database.inWorkspace(project.key.workspaceId, async (tx) => {
        await lockLink(tx, project.key.projectId)
        await insertLink(tx, project)
        holds.resolve()
        await world.somebodyWaits()
      })
    let linking: Promise<void> | undefined
    const commit = await project.snapshot(
      {},
      {
        onStep: async (step) => {
          if (step !== 'stored') return
          linking = link()
          await Promise.race([holds.promise, linking])
        },
      },
    )
    await linking
    expect(await project.ask('select target from outbox where project_id = $1')).toEqual([{ target: commit?.oid }])
  })

  test('SN4: after a commit, what is committed of each file stands in its row', async () => {
    const { project, file } = await world.committedProject(ana)
    const upload = await project.upload(ana, 'x.bin', Buffer.from([0]))
    await project.type(ana, file.documentId, 'two\n')
    await project.snapshot()
    const blob = (content: string) => encodeObject('blob', text(content)).oid
    const rows = await project.ask(
      `select committed_path as path, committed_oid as oid, committed_seq as seq, bytes, blob_sha256 as blob
       from file where project_id = $1 order by path`,
    )
    expect(rows).toEqual([
      { path: 'one.md', oid: blob('One\ntwo\n'), seq: '1', bytes: '8', blob: null },
      { path: 'x.bin', oid: blob('\0'), seq: '0', bytes: '1', blob: null },
    ])
    await project.remove(ana, upload)
    await project.snapshot()
    expect(await project.ask(`select committed_path from file where project_id = $1 and path = 'x.bin'`)).toEqual([
      { committed_path: null },
    ])
  })
})
