/** People decide about lines while others type: in live texts over PostgreSQL and real sockets. */
import { expect, test } from 'vitest'
import { until, untilSaved } from '../../collab/testing/client.ts'
import type { WriteRequest } from '../live-documents.ts'
import { createConflictWorld, type TextFile } from './testing/conflict-world.ts'

const world = await createConflictWorld()
const { addText, sitDown, merge, read, conflicts, present, decide, deps, ask, project, ana, ben, events } = world

const BASE = 'one\ntwo\nthree\nfour\nfive\n'
const around = (line: string) => `one\ntwo\n${line}four\nfive\n`

/** A text with one open conflict. */
const inConflict = async (ours = 'our three\n', theirs = 'their three\n') => {
  const file = await addText(around(ours))
  await merge(file, { base: BASE, theirs: around(theirs) })
  const [row] = await conflicts(file)
  if (!row) throw new Error('There is no conflict')
  return { file, id: row.id }
}
const rowOf = async (file: TextFile) => (await conflicts(file))[0]

test('CF9: use puts a version into the live text and leaves the conflict open, at its place', async () => {
  const { file, id } = await inConflict()
  const page = await sitDown(file, ben)
  for (const [choice, line] of [
    ['theirs', 'their three\n'],
    ['both', 'our three\ntheir three\n'],
    ['ours', 'our three\n'],
    ['ours', 'our three\n'],
  ] as const) {
    await decide(id, choice, { closes: false })
    expect(await read(file)).toBe(around(line))
    expect(await present(file)).toEqual([line])
    await until(() => page.text.toString() === around(line), 'others see it')
  }
  expect(await rowOf(file)).toMatchObject({ state: 'open', ours: { text: 'our three\n' } })
})

test('CF9: resolve puts it there and closes the conflict, by whom and when', async () => {
  for (const [choice, line, recorded] of [
    ['theirs', 'their three\n', 'theirs'],
    ['both', 'our three\ntheir three\n', 'both'],
    ['ours', 'our three\n', 'ours'],
    ['current', 'our three\n', 'ours'],
  ] as const) {
    const { file, id } = await inConflict()
    await decide(id, choice)
    expect(await read(file)).toBe(around(line))
    expect(await rowOf(file)).toMatchObject({
      state: 'resolved',
      choice: recorded,
      resolvedBy: { id: ana.userId, name: 'Ana' },
      resolvedAt: expect.any(Date),
    })
  }
})

test('CF11: whoever closes a conflict with the text as it is has chosen the version that stands there', async () => {
  for (const choice of ['theirs', 'both', 'ours'] as const) {
    const { file, id } = await inConflict()
    await decide(id, choice, { closes: false })
    await decide(id, 'current')
    expect(await rowOf(file)).toMatchObject({ state: 'resolved', choice })
  }
  const { file, id } = await inConflict()
  const page = await sitDown(file)
  page.text.insert(page.text.toString().indexOf('three'), 'NEW ')
  await untilSaved(page)
  await decide(id, 'current')
  expect(await rowOf(file)).toMatchObject({ state: 'resolved', choice: 'current' })
})

test('CF10: a version that a pull has replaced meanwhile is not put there, and the conflict stays open', async () => {
  const { file, id } = await inConflict()
  const place = deps.documents.place.bind(deps.documents)
  let hasPulled = false
  const write = async (request: WriteRequest) => {
    if (!hasPulled) {
      hasPulled = true
      await merge(file, { base: around('their three\n'), theirs: around('their newer three\n') })
    }
    return deps.documents.write(request)
  }
  const decided = decide(id, 'theirs', { deps: { documents: { write, place } } })
  await expect(decided).rejects.toMatchObject({ code: 'conflict-moved' })
  expect(await read(file)).toBe(around('our three\n'))
  expect(await rowOf(file)).toMatchObject({
    ...{ state: 'open', putting: null },
    ...{ ours: { text: 'our three\n' }, theirs: { text: 'their newer three\n' } },
  })
  await decide(id, 'theirs')
  expect(await read(file)).toBe(around('their newer three\n'))
})

test('CF10: a conflict that a pull has told anew meanwhile is not closed for what was there before', async () => {
  const { file, id } = await inConflict()
  let hasPulled = false
  const place: (typeof deps.documents)['place'] = async (...asked) => {
    if (!hasPulled) {
      hasPulled = true
      await merge(file, { base: around('their three\n'), theirs: around('their newer three\n') })
    }
    return deps.documents.place(...asked)
  }
  const write = deps.documents.write.bind(deps.documents)
  const decided = decide(id, 'ours', { deps: { documents: { write, place } } })
  await expect(decided).rejects.toMatchObject({ code: 'conflict-moved' })
  expect(await rowOf(file)).toMatchObject({ state: 'open', theirs: { text: 'their newer three\n' } })
})

test('CF9: lines that one side deleted come and go', async () => {
  const deletedHere = await inConflict('')
  await decide(deletedHere.id, 'theirs', { closes: false })
  expect(await read(deletedHere.file)).toBe(around('their three\n'))
  await decide(deletedHere.id, 'ours')
  expect(await read(deletedHere.file)).toBe(around(''))
  const deletedThere = await inConflict('our three\n', '')
  await decide(deletedThere.id, 'theirs')
  expect(await read(deletedThere.file)).toBe(around(''))
})

test('CF9: versions are whole lines, also at the end of a text without one', async () => {
  const file = await addText('one\nours')
  await merge(file, { base: 'one\nbase', theirs: 'one\ntheirs' })
  const id = (await rowOf(file))?.id ?? ''
  await decide(id, 'both', { closes: false })
  expect(await read(file)).toBe('one\nours\ntheirs')
  await decide(id, 'ours', { closes: false })
  const page = await sitDown(file)
  page.text.insert(page.text.length, '\nmore')
  await untilSaved(page)
  await decide(id, 'theirs')
  expect(await read(file)).toBe('one\ntheirs\nmore')
})

test('CF9: what people made of the lines meanwhile is kept as ours before it is replaced, and what is beside stays', async () => {
  const { file, id } = await inConflict()
  const page = await sitDown(file)
  page.text.insert(page.text.toString().indexOf('three'), 'NEW ')
  page.text.insert(page.text.toString().indexOf('four'), 'beside ')
  page.text.insert(0, 'above\n')
  await untilSaved(page)
  await decide(id, 'theirs', { closes: false })
  expect(await read(file)).toBe('above\none\ntwo\ntheir three\nbeside four\nfive\n')
  expect(await rowOf(file)).toMatchObject({ ours: { text: 'our NEW three\n' } })
  await decide(id, 'ours')
  expect(await read(file)).toBe('above\none\ntwo\nour NEW three\nbeside four\nfive\n')
})

test('CF9, AE5: what is typed while the version is on its way is not removed unseen', async () => {
  const { file, id } = await inConflict()
  const page = await sitDown(file)
  let typed = 0
  const write = async (request: WriteRequest) => {
    if (typed++ === 0) {
      page.text.insert(page.text.toString().indexOf('our three') + 1, 'TYPED')
      page.text.insert(page.text.toString().indexOf(' three'), ' BESIDE')
      await untilSaved(page)
    }
    return deps.documents.write(request)
  }
  const place = deps.documents.place.bind(deps.documents)
  await decide(id, 'theirs', { deps: { documents: { write, place } } })
  expect(await read(file)).toBe(around('their three\n'))
  expect(await rowOf(file)).toMatchObject({ state: 'resolved', ours: { text: 'oTYPEDur BESIDE three\n' } })
})

test('CF9: under somebody who does not stop typing there it is given up, with nothing lost', async () => {
  const { file, id } = await inConflict()
  const page = await sitDown(file)
  const write = async (request: WriteRequest) => {
    page.text.insert(page.text.toString().indexOf('three') - 1, 'x')
    await untilSaved(page)
    return deps.documents.write(request)
  }
  const place = deps.documents.place.bind(deps.documents)
  const refused = decide(id, 'theirs', { deps: { documents: { write, place } } })
  await expect(refused).rejects.toMatchObject({ code: 'unavailable' })
  const kept = `${await read(file)}${(await rowOf(file))?.ours?.text}`
  expect(kept.match(/x/g)?.length).toBeGreaterThanOrEqual(5)
  expect(await rowOf(file)).toMatchObject({ state: 'open' })
  await decide(id, 'current')
})

test('CF9: what people made of theirs is kept on record before it gives way, and ours stays ours', async () => {
  const { file, id } = await inConflict()
  await decide(id, 'theirs', { closes: false })
  const page = await sitDown(file)
  page.text.insert(page.text.toString().indexOf('three'), 'NEW ')
  await untilSaved(page)
  await decide(id, 'ours')
  expect(await read(file)).toBe(around('our three\n'))
  expect(await conflicts(file)).toMatchObject([
    { id, state: 'resolved', choice: 'ours', ours: { text: 'our three\n' } },
    { state: 'resolved', choice: 'current', ours: { text: 'their NEW three\n' }, resolvedBy: { name: 'Ana' } },
  ])
})

test('CF9: killed at any step, a decision that is made again puts its version there once', async () => {
  let hits = 0
  for (let killedAt = 1; killedAt < 10; killedAt++) {
    for (const [choice, line] of [
      ['theirs', 'their three\n'],
      ['both', 'our three\ntheir three\n'],
    ] as const) {
      const { file, id } = await inConflict()
      let step = 0
      const kill = () => {
        if (++step >= killedAt) throw new Error('killed')
      }
      const stepping =
        <Args extends unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
        async (...args: Args) => {
          kill()
          const value = await call(...args)
          kill()
          return value
        }
      const killed = {
        documents: {
          write: stepping(deps.documents.write.bind(deps.documents)),
          place: stepping(deps.documents.place.bind(deps.documents)),
        },
        record: stepping(deps.record),
      }
      const first = await decide(id, choice, { deps: killed }).catch(() => 'killed')
      if (first === 'killed') {
        hits++
        await ask('update conflict set deciding_until = now() where id = $1', [id])
        await decide(id, choice, { by: ben })
      }
      expect(await read(file), `${choice}, killed at ${killedAt}`).toBe(around(line))
      expect(await rowOf(file)).toMatchObject({ state: 'resolved', choice, ours: { text: 'our three\n' } })
    }
  }
  expect(hits).toBeGreaterThan(10)
})

test('CF10: what is decided stays so: whoever comes after is told by whom and for what, and changes nothing', async () => {
  const { file, id } = await inConflict()
  await decide(id, 'theirs', { by: ben })
  for (const closes of [true, false]) {
    await expect(decide(id, 'ours', { closes })).rejects.toMatchObject({
      code: 'conflict-decided',
      message: "Ben has decided about this already, for GitHub's.",
      details: { by: { id: ben.userId, name: 'Ben' } },
    })
  }
  expect(await read(file)).toBe(around('their three\n'))
})

test('CF10: one person decides at a time, and a claim that was left by a kill runs out', async () => {
  const { file, id } = await inConflict()
  const place = async (...args: Parameters<typeof deps.documents.place>) => {
    await expect(decide(id, 'ours', { by: ben })).rejects.toMatchObject({
      code: 'request-in-progress',
      message: 'Ana is deciding about this at this moment.',
    })
    return deps.documents.place(...args)
  }
  await decide(id, 'theirs', { deps: { documents: { write: deps.documents.write.bind(deps.documents), place } } })
  expect(await rowOf(file)).toMatchObject({ choice: 'theirs', resolvedBy: { name: 'Ana' } })
  const left = await inConflict()
  const inSeconds = (seconds: number) =>
    ask(`update conflict set deciding_by = $2, deciding_until = now() + $3 * interval '1 second' where id = $1`, [
      left.id,
      ben.actor,
      seconds,
    ])
  await inSeconds(60)
  await expect(decide(left.id, 'ours')).rejects.toMatchObject({ code: 'request-in-progress' })
  await inSeconds(-1)
  await decide(left.id, 'ours')
})

test('CF10: many who decide at once: one of them has, and the text is what that one chose', async () => {
  const { file, id } = await inConflict()
  const choices = ['ours', 'theirs', 'both', 'current', 'theirs', 'ours'] as const
  const outcomes = await Promise.allSettled(choices.map((choice, n) => decide(id, choice, { by: n % 2 ? ana : ben })))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const choice = (await rowOf(file))?.choice ?? 'ours'
  const lines = {
    ours: 'our three\n',
    theirs: 'their three\n',
    both: 'our three\ntheir three\n',
    current: 'our three\n',
  }
  expect(await read(file)).toBe(around(lines[choice]))
})

test('CF10: whoever loses the right to write decides nothing', async () => {
  const { file, id } = await inConflict()
  const actor = { userId: ana.userId, name: 'Ana', email: 'ana@example.org', token: null }
  const { decideConflict } = await import('./decide-conflict.ts')
  const checkRight = async () => Promise.reject(new Error('no right'))
  const git = { readBlobs: async () => {} }
  for (const choice of ['theirs', 'current'] as const) {
    const refused = decideConflict({ ...deps, git }, project, id, { actor, choice, closes: true, checkRight })
    await expect(refused).rejects.toThrow('no right')
  }
  expect(await rowOf(file)).toMatchObject({ state: 'open' })
  expect(await read(file)).toBe(around('our three\n'))
})

test('CF11: with the last open conflict the worker is asked to look, in the same transaction, and everybody is told', async () => {
  await ask(`update conflict set state = 'resolved' where state = 'open'`)
  await ask(
    `insert into github_link (project_id, workspace_id, installation_id, repository_id, full_name, html_url, branch, created_by)
     values ($1, $2, 1, 2, 'ana/notes', 'http://github.test/ana/notes', 'main', $3)`,
    [project.projectId, project.workspaceId, ana.userId],
  )
  const asked = () => ask('select check_reason from outbox where project_id = $1', [project.projectId])
  const [first, second] = [await inConflict(), await inConflict()]
  await decide(first.id, 'ours')
  expect(await asked()).toEqual([])
  await decide(second.id, 'ours', { closes: false })
  expect(await asked()).toEqual([])
  await decide(second.id, 'theirs')
  expect(await asked()).toEqual([{ check_reason: 'conflict' }])
  const by = { id: ana.userId, name: 'Ana' }
  expect(events.slice(-1)).toEqual([{ type: 'conflicts', open: 0, path: 'notes.md', by }])
})
