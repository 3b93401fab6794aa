/**
 * Several people change one tree at the same moment: files and folders made, renamed, moved, deleted and restored,
 * under names that are often the same or twins. Whatever was refused, the tree keeps its rules, and the events tell
 * exactly what it became.
 */
import { twinKey } from '@skein/git-model'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { createProjectWorld } from './testing/project-world.ts'

const world = await createProjectWorld()
const owner = await world.owner('Ana')
afterAll(() => {
  world.events.stop()
  expect(world.faults()).toEqual([])
})

const name = fc.constantFrom('a', 'A', 'b', 'é', 'e\u0301')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
const nth = fc.nat({ max: 50 })
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ is: fc.constant('make' as const), path }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('rename' as const), nth, path }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('delete' as const), nth }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('restore' as const), nth }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('move folder' as const), from: path, to: path }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('delete folder' as const), path }) },
)
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never

const statuses = new Map<number, number>()
let projects = 0

async function newProject() {
  const { body } = await owner.browser.post('/api/v1/workspaces/ana/projects', { name: `p${projects++}` })
  const base = `/api/v1/projects/${body.id}`
  const made: string[] = []
  const call = async (method: string, url: string, data?: unknown) => {
    const answer = await owner.browser.request(method, `${base}${url}`, data)
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    return answer
  }
  const idOf = (nth: number): string => made[nth % Math.max(1, made.length)] ?? body.id
  const perform = async (what: Act): Promise<void> => {
    if (what.is === 'make') {
      const answer = await call('POST', '/files', { path: what.path })
      if (answer.status === 201) made.push(answer.body.id)
    } else if (what.is === 'rename') await call('PATCH', `/files/${idOf(what.nth)}`, { path: what.path })
    else if (what.is === 'delete') await call('DELETE', `/files/${idOf(what.nth)}`)
    else if (what.is === 'restore') await call('POST', `/trash/${idOf(what.nth)}/restore`)
    else if (what.is === 'move folder') await call('POST', '/folders/move', { from: what.from, to: what.to })
    else await call('POST', '/folders/delete', { path: what.path })
  }
  return { id: body.id as string, base, perform }
}

/** The tree that somebody has who began with nothing and listened. */
async function replay(project: string): Promise<Map<string, string>> {
  const rows = await world.ask<{ type: string; data: { files: { id: string; path: string }[] } }>(
    'select type, data from event where project_id = $1 order by seq',
    [project],
  )
  const tree = new Map<string, string>()
  for (const { type, data } of rows) {
    for (const { id, path } of data.files) {
      if (type === 'files-deleted') tree.delete(id)
      else tree.set(id, path)
    }
  }
  return tree
}

test('FT1: the events give the tree, and FT3 holds, whatever three people do at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(...Array.from({ length: 3 }, () => fc.array(act, { maxLength: 14 }))), async (people) => {
      const project = await newProject()
      await Promise.all(
        people.map(async (acts) => {
          for (const what of acts) await project.perform(what)
        }),
      )
      const { body } = await owner.browser.get(`${project.base}/files`)
      const files: { id: string; path: string }[] = body.items
      expect(new Map(files.map(({ id, path }) => [id, path]))).toEqual(await replay(project.id))

      const keys = files.map(({ path }) => twinKey(path))
      expect(new Set(keys).size).toBe(keys.length)
      expect(keys.filter((key) => keys.some((other) => other.startsWith(`${key}/`)))).toEqual([])
      const spellings = new Map<string, string>()
      for (const { path } of files) {
        const parts = path.split('/')
        for (let depth = 1; depth < parts.length; depth++) {
          const folder = parts.slice(0, depth).join('/')
          expect(spellings.get(twinKey(folder)) ?? folder).toBe(folder)
          spellings.set(twinKey(folder), folder)
        }
      }
    }),
    { numRuns: 25 },
  )
  expect(statuses.get(201)).toBeGreaterThan(50)
  expect(statuses.get(409)).toBeGreaterThan(20)
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([])
})
