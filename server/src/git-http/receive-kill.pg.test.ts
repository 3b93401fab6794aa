/** Pushes whose server is killed at every step: nothing is lost, nothing is there twice, and the next push says what is true. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import type { PullStep } from '../commands/pull/pull-project.ts'
import { resumePull } from '../commands/pull/pull-project.ts'
import type { PushStep } from '../commands/receive/receive-push.ts'
import { testSearchPath } from '../testing/world.ts'
import { createDoorWorld, type Said } from './testing/door-world.ts'

// Processes start, die and start again; a machine under load needs its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const world = await createDoorWorld()
const { base, shared, text, addressOf, faults, receiving } = world
const script = path.join(import.meta.dirname, 'testing/door-process.ts')
const children = new Set<ReturnType<typeof spawn>>()
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** Starts a server that dies at a step. */
async function startDoor(dieAt: string): Promise<{ port: number; died: Promise<unknown[]> }> {
  const folder = path.join(base.folder, `door-${dieAt}`)
  const settings = { address: world.test.address, folder, searchPath: testSearchPath, dieAt }
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.add(child)
  const died = once(child, 'exit').finally(() => children.delete(child))
  const [port] = await once(child.stdout, 'data')
  return { port: Number(String(port)), died }
}

const before: PushStep[] = ['received', 'checked']
const after: (PushStep | PullStep)[] = ['kept', 'planned', 'tree', 'added', 'text', 'texts', 'publishing', 'published']

/** A project in which somebody typed something that no commit holds, a push to it, and a server that dies at that. */
async function pushAndDie(dieAt: string) {
  const { project, owner, token, clone } = await shared({ 'a.md': 'one\n\ntwo\n\nthree\n', 'old.md': 'Old\n' })
  const copy = await clone()
  const files = await project.documents()
  await project.type(owner, files.get('a.md')?.documentId as never, 'typed\n')
  const pushed = await copy.commit({ 'a.md': 'ONE\n\ntwo\n\nthree\n', 'new.md': 'New\n', 'old.md': null })
  const head = await project.head()
  const door = await startDoor(dieAt)
  const address = (await addressOf(token, project, `any/${project.key.projectId}`)).replace(
    /:\d+\/git/,
    `:${door.port}/git`,
  )
  const said = await copy.push(address, 'main')
  expect(await door.died, dieAt).toEqual([null, 'SIGKILL'])
  expect(said.code, said.said).not.toBe(0)
  // As if some seconds had passed: the claim of whoever died has run out.
  await world.test.ask('update repository set leased_until = null where project_id = $1', [project.key.projectId])
  return { project, copy, pushed, head }
}

type Pushed = Awaited<ReturnType<typeof pushAndDie>>

async function expectMerged({ project, pushed, copy }: Pushed, again: Said): Promise<void> {
  expect(again.code, again.said).toBe(0)
  expect(await text(project, 'a.md')).toBe('ONE\n\ntwo\n\nthree\ntyped\n')
  expect((await project.files()).map(({ path: name }) => name).sort()).toEqual(['a.md', 'new.md'])
  expect(await project.git('rev-list', '--count', pushed)).toBe('2')
  expect(await project.git('merge-base', '--is-ancestor', pushed, 'HEAD')).toBe('')
  expect(await project.git('rev-list', '--count', `${pushed}..HEAD`)).toBe('1')
  expect(await project.git('show', 'HEAD:a.md')).toBe('ONE\n\ntwo\n\nthree\ntyped')
  expect(await project.dirty()).toEqual([])
  expect(await project.fsck()).toBe('')
  expect((await copy.git('pull', '-q', '--ff-only')).code).toBe(0)
  expect(await copy.head()).toBe(await project.head())
}

test.each(before)('RP7: killed at “%s”, nothing has changed, and the next push arrives', async (step) => {
  const killed = await pushAndDie(step)
  expect(await killed.project.head()).toBe(killed.head)
  expect(await killed.project.ask('select 1 from pull where project_id = $1')).toEqual([])
  await expectMerged(killed, await killed.copy.push())
})

test.each(after)(
  'RP7: killed at “%s”, the worker goes on from rows, and the next push says that it is there',
  async (step) => {
    const killed = await pushAndDie(step)
    const { project, copy } = killed
    const resumed = await resumePull(receiving, project.key, new AbortController().signal)
    expect(resumed?.state ?? 'nothing').toBe(step === 'published' ? 'nothing' : 'merged')
    const again = await copy.push()
    // The head has gone on from what was pushed, with what was typed: that is to be fetched first.
    expect(again.said).toMatch(/rejected|fetch first|up-to-date/)
    await copy.git('pull', '-q', '--ff-only')
    await expectMerged(killed, await copy.push())
  },
)

test('RP7: a push after a kill first ends what was left of the one before', async () => {
  const killed = await pushAndDie('text')
  const again = await killed.copy.push()
  await expectMerged(killed, again)
})

test('nothing above was a fault of ours', () => {
  expect(faults).toEqual([])
})
