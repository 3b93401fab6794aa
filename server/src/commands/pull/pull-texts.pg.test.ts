/** Texts that were written by a pull which had to be gone on with before it had noted them. */
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { startCollab } from '../../collab/testing/server.ts'
import { buildPullWorld, killPullAt } from './testing/pull-world.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const world = await buildPullWorld(database, collab.collab.liveDocuments)
const ana = world.ana.userId
afterAll(async () => {
  await collab.stop()
  await world.close()
})

describe('PL8: what people make of theirs between the writing of a text and its note stays so:', () => {
  test('a line that they change back', async () => {
    const linked = await world.shared({ 'a.md': 'one\ntwo\nthree\n' })
    linked.remote.commit({ 'a.md': 'one\nTWO\nthree\n' })
    await expect(linked.pull({}, killPullAt('merged'))).rejects.toThrow('killed')
    expect(await linked.text('a.md')).toBe('one\nTWO\nthree\n')
    await linked.edit(ana, 'a.md', (text) => text.replace('TWO', 'two'))
    await linked.resume()
    expect(await linked.text('a.md')).toBe('one\ntwo\nthree\n')
    expect(await linked.conflicts()).toEqual([])
  })

  test('a line that they delete', async () => {
    const linked = await world.shared({ 'a.md': 'one\ntwo\nthree\n' })
    linked.remote.commit({ 'a.md': 'one\ntwo\nnew\nthree\n' })
    await expect(linked.pull({}, killPullAt('merged'))).rejects.toThrow('killed')
    await linked.edit(ana, 'a.md', (text) => text.replace('new\n', ''))
    await linked.resume()
    expect(await linked.text('a.md')).toBe('one\ntwo\nthree\n')
  })

  test('beside a conflict, which is listed once', async () => {
    const linked = await world.shared({ 'a.md': 'one\n\ntwo\n\nthree\n' })
    await linked.edit(ana, 'a.md', (text) => text.replace('three', 'ours'))
    linked.remote.commit({ 'a.md': 'one\nnew\n\ntwo\n\ntheirs\n' })
    await expect(linked.pull({}, killPullAt('merged'))).rejects.toThrow('killed')
    await linked.edit(ana, 'a.md', (text) => text.replace('new\n', ''))
    await linked.resume()
    expect(await linked.text('a.md')).toBe('one\n\ntwo\n\nours\n')
    expect(await linked.conflicts()).toMatchObject([{ kind: 'lines', state: 'open' }])
  })
})

const forms = {
  lf: 'a\nb\nc\n',
  crlf: 'a\r\nb\r\nc\r\n',
  mixed: 'a\r\nb\nc\r\n',
  'bom lf': '\ufeffa\nb\nc\n',
  'bom crlf': '\ufeffa\r\nb\r\nc\r\n',
}

describe('PL6: line ends that theirs changes arrive byte for byte', () => {
  test.each(['tree', 'merged'] as const)('when the pull is killed at %s', async (step) => {
    const names = Object.keys(forms) as (keyof typeof forms)[]
    const pairs = names.flatMap((from) => names.map((to) => [from, to, `${from} to ${to}.txt`] as const))
    const linked = await world.shared(Object.fromEntries(pairs.map(([from, , name]) => [name, forms[from]])))
    const theirs = pairs.map(([, to, name]) => [name, `${forms[to]}d${to.includes('crlf') ? '\r' : ''}\n`] as const)
    linked.remote.commit(Object.fromEntries(theirs))
    await expect(linked.pull({}, killPullAt(step))).rejects.toThrow('killed')
    await linked.resume()
    const committed = await linked.project.committed()
    expect(theirs.filter(([name, text]) => committed.get(name)?.toString() !== text)).toEqual([])
    expect(await linked.conflicts()).toEqual([])
  })

  test('when somebody makes a file meanwhile', async () => {
    const linked = await world.shared({ 'a.txt': 'a\r\nb\r\nc\r\n' })
    linked.remote.commit({ 'a.txt': 'a\r\nb\r\nc\nd\n', 'new.bin': Buffer.from([0, 1]) })
    let hasMade = false
    const onStep = async (step: string) => {
      if (step !== 'tree' || hasMade) return
      hasMade = true
      await linked.project.create(world.ana, 'mine.md', 'x\n')
    }
    await linked.merged({}, { onStep })
    expect((await linked.project.committed()).get('a.txt')?.toString()).toBe('a\r\nb\r\nc\nd\n')
    expect(await linked.conflicts()).toEqual([])
  })
})
