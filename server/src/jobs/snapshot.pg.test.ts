import { afterEach, expect, test } from 'vitest'
import type { SnapshotStep } from '../commands/snapshot/snapshot.ts'
import { createSnapshotWorld, type ProjectWorld } from '../commands/snapshot/testing/snapshot-world.ts'
import { SnapshotLoop, type SnapshotLoopOptions } from './snapshot.ts'

const world = await createSnapshotWorld()
const ana = await world.person('Ana')
const loops: SnapshotLoop[] = []
const faults: unknown[] = []

afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.drain()))
})

/** A loop that commits only the given project, so that tests of one database do not meet. */
function startLoop(project: ProjectWorld, options: Partial<SnapshotLoopOptions> = {}): SnapshotLoop {
  const loop = new SnapshotLoop({
    database: world.database,
    snapshot: async ({ projectId }) => {
      if (projectId === project.key.projectId) await project.snapshot({ waitMs: 0 })
    },
    quietMs: 0,
    maxAgeMs: 3_600_000,
    logFault: (error) => faults.push(error),
    pollMs: 20,
    concurrency: 50,
    ...options,
  })
  loops.push(loop)
  loop.start()
  return loop
}

async function dirtyProject() {
  const project = await world.project()
  const file = await project.create(ana, 'one.md', 'One\n')
  return { project, file }
}

/** Makes the changes of a project look as if they had been made some time ago. */
async function age(
  project: ProjectWorld,
  { quietMs, waitingMs }: { quietMs: number; waitingMs: number },
): Promise<void> {
  const ago = (ms: number) => new Date(Date.now() - ms)
  const { projectId } = project.key
  await world.test.ask('update dirty_file set since = $2 where project_id = $1', [projectId, ago(waitingMs)])
  await world.test.ask('update file set changed_at = $2 where project_id = $1', [projectId, ago(quietMs)])
  await world.test.ask('update document set updated_at = $2 where project_id = $1', [projectId, ago(quietMs)])
}

test('SN1: a project that has been quiet is committed by Skein for the people who edited', async () => {
  const { project } = await dirtyProject()
  await age(project, { quietMs: 11_000, waitingMs: 12_000 })
  startLoop(project, { quietMs: 10_000 })
  await expect.poll(() => project.head()).not.toBe(null)
  expect(await project.git('log', '--format=%an %cn %s')).toBe('Ana Skein Add one.md')
  await expect.poll(() => project.dirty()).toEqual([])
})

test('SN1: a project in which somebody types is not committed until its first change is old', async () => {
  const { project } = await dirtyProject()
  const looks: string[] = []
  const note = async ({ projectId }: { projectId: string }) => void looks.push(projectId)
  await age(project, { quietMs: 1_000, waitingMs: 200_000 })
  const loop = startLoop(project, { quietMs: 60_000, maxAgeMs: 300_000, snapshot: note })
  await new Promise((resolve) => setTimeout(resolve, 150))
  await loop.drain()
  expect(looks).not.toContain(project.key.projectId)
  await age(project, { quietMs: 1_000, waitingMs: 301_000 })
  startLoop(project, { quietMs: 60_000, maxAgeMs: 300_000 })
  await expect.poll(() => project.head()).not.toBe(null)
})

test('SN1: what a kill left open or dirty is committed by the next process, and the wait for the dead one is short', async () => {
  const { project, file } = await dirtyProject()
  await project.snapshot()
  await project.type(ana, file.documentId, 'two\n')
  const onStep = (step: SnapshotStep) => {
    if (step === 'stored') throw new Error('killed')
  }
  await expect(project.snapshot({}, { onStep })).rejects.toThrow('killed')
  await project.type(ana, file.documentId, 'three\n')
  // As a killed process leaves it: the claim is not given back.
  await world.test.ask(
    `update repository set leased_until = now() + interval '400 milliseconds' where project_id = $1`,
    [project.key.projectId],
  )
  startLoop(project)
  await expect.poll(() => project.dirty(), { timeout: 5_000 }).toEqual([])
  expect(await project.git('log', '--format=%s')).toBe('Update one.md\nUpdate one.md\nAdd one.md')
  expect((await project.committed()).get('one.md')?.toString()).toBe('One\ntwo\nthree\n')
})

test('SN1: a project that fails is tried again later, and keeps nobody else from being committed', async () => {
  const broken = await dirtyProject()
  const { project } = await dirtyProject()
  let attempts = 0
  startLoop(project, {
    concurrency: 1,
    snapshot: async ({ projectId }) => {
      if (projectId === broken.project.key.projectId) {
        attempts++
        throw new Error('cannot be built')
      }
      if (projectId === project.key.projectId) await project.snapshot()
    },
  })
  await expect.poll(() => project.head(), { timeout: 5_000 }).not.toBe(null)
  await expect.poll(() => attempts).toBeGreaterThan(0)
  expect(faults.map(String)).toContain('Error: cannot be built')
  expect(attempts).toBeLessThan(5)
})

test('SN1: a project that is deleted or importing is left alone', async () => {
  const { project } = await dirtyProject()
  const importing = await dirtyProject()
  await world.test.ask('update project set deleted_at = now() where id = $1', [project.key.projectId])
  await world.test.ask(`update project set state = 'importing' where id = $1`, [importing.project.key.projectId])
  const looks: string[] = []
  startLoop(project, { snapshot: async ({ projectId }) => void looks.push(projectId) })
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(looks).not.toContain(project.key.projectId)
  expect(looks).not.toContain(importing.project.key.projectId)
  expect(await project.snapshot()).toBe(null)
})

test('draining waits for the snapshot that is being made', async () => {
  const { project } = await dirtyProject()
  const begun = Promise.withResolvers<void>()
  let isDone = false
  const loop = startLoop(project, {
    snapshot: async ({ projectId }) => {
      if (projectId !== project.key.projectId) return
      begun.resolve()
      await new Promise((resolve) => setTimeout(resolve, 50))
      isDone = true
    },
  })
  await begun.promise
  await loop.drain()
  expect(isDone).toBe(true)
})
