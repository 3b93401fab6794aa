/** Pulls that die at every step, beside people who type and change the tree, and that are given up. */
import { createTestDatabase } from '@skein/db/testing'
import { personToActorKey } from '@skein/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import { startCollab } from '../../collab/testing/server.ts'
import type { SnapshotStep } from '../snapshot/snapshot.ts'
import { killAt } from '../snapshot/testing/snapshot-world.ts'
import type { PullStep } from './pull-project.ts'
import { buildPullWorld, killPullAt, type LinkedProject } from './testing/pull-world.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const world = await buildPullWorld(database, collab.collab.liveDocuments)
const ana = world.ana.userId
afterAll(async () => {
  await collab.stop()
  await world.close()
})

/** Both sides changed something of every sort, one line of it in each other's way. */
async function diverged(): Promise<LinkedProject> {
  const long = Array.from({ length: 12 }, (_, n) => `line ${n} of a text\n`).join('')
  const linked = await world.shared({
    'both.md': 'one\n\ntwo\n\nthree\n',
    'late.md': 'late\n',
    'gone.md': 'gone\n',
    'kept.md': 'kept\n',
    'moved.md': long,
    'pic.bin': Buffer.from([0, 1]),
  })
  await linked.edit(ana, 'both.md', (text) => text.replace('one', 'ONE').replace('three', 'ours'))
  await linked.edit(ana, 'kept.md', (text) => `${text}of ours\n`)
  await linked.project.snapshot()
  await linked.edit(ana, 'late.md', (text) => `${text}not committed\n`)
  linked.remote.move('moved.md', 'deep/moved.md')
  linked.remote.commit({
    'both.md': 'one\n\nTWO\n\ntheirs\n',
    'gone.md': null,
    'kept.md': null,
    'deep/moved.md': long.replace('line 9', 'LINE 9'),
    'pic.bin': Buffer.from([0, 2]),
    'new.md': 'new\n',
    'more/new.bin': Buffer.from([0, 3]),
  })
  return linked
}

async function expectMerged(linked: LinkedProject): Promise<void> {
  const { project } = linked
  expect(await linked.paths()).toEqual([
    'both.md',
    'deep/moved.md',
    'kept.md',
    'late.md',
    'more/new.bin',
    'new.md',
    'pic.bin',
  ])
  expect(await linked.text('both.md')).toBe('ONE\n\nTWO\n\nours\n')
  expect(await linked.text('late.md')).toBe('late\nnot committed\n')
  expect(await linked.text('deep/moved.md')).toContain('LINE 9')
  expect((await linked.conflicts()).map(({ what, path }) => [what, path])).toEqual([
    ['lines', 'both.md'],
    ['edited-deleted', 'kept.md'],
  ])
  const committed = await project.committed()
  for (const [path, bytes] of await project.live()) expect(committed.get(path), path).toEqual(bytes)
  expect(committed.get('pic.bin')).toEqual(Buffer.from([0, 2]))
  expect(await project.dirty()).toEqual([])
  expect(await project.git('rev-list', '--count', '--merges', 'HEAD')).toBe('1')
  expect(await project.git('merge-base', '--is-ancestor', linked.remote.head(), 'HEAD')).toBe('')
  expect(await project.fsck()).toBe('')
  const states = await project.ask<{ state: string; open: number }>(
    `select state, (select count(*)::int from snapshot where project_id = $1 and state = 'open') as open from pull
     where project_id = $1 order by id desc limit 1`,
  )
  expect(states).toEqual([{ state: 'done', open: 0 }])
  expect(
    await project.ask('select f.path from pull_file f join pull p on p.id = f.pull_id where p.project_id = $1'),
  ).toEqual([])
}

describe('PL8: killed at any step, a pull is gone on with, and nothing is doubled', () => {
  const steps: [PullStep, number?][] = [
    ['fetched'],
    ['stored'],
    ['claimed'],
    ['begun'],
    ['planned'],
    ['tree'],
    ['added'],
    ['text'],
    ['text', 2],
    ['merged'],
    ['merged', 2],
    ['texts'],
    ['publishing'],
    ['published'],
  ]
  for (const [step, nth = 1] of steps) {
    test(`at ${step}, time ${nth}`, async () => {
      const linked = await diverged()
      await expect(linked.pull({}, killPullAt(step, nth))).rejects.toThrow(`killed at ${step}`)
      const resumed = await linked.resume()
      if (resumed === null) await linked.merged()
      else expect(resumed).toMatchObject({ state: 'merged', kind: 'merge' })
      await expectMerged(linked)
      expect(await linked.resume()).toBeNull()
    })
  }

  const snapshotSteps: SnapshotStep[] = ['cut', 'built', 'stored', 'publishing', 'published']
  for (const step of snapshotSteps.filter((at) => at !== 'cut')) {
    test(`in the commit, at ${step}`, async () => {
      const linked = await diverged()
      const snapshot = { ...world.base.deps, ...killAt(step) }
      await expect(linked.pull({}, { snapshot })).rejects.toThrow(`killed at ${step}`)
      const resumed = await linked.resume()
      if (step === 'published') expect(resumed).toBeNull()
      else expect(resumed).toMatchObject({ state: 'merged', conflicts: 2 })
      await expectMerged(linked)
    })
  }

  test('time after time at the next step, until nothing is left', async () => {
    const linked = await diverged()
    await expect(linked.pull({}, killPullAt('begun'))).rejects.toThrow()
    const order: PullStep[] = ['planned', 'tree', 'added', 'text']
    for (const step of order) await expect(linked.resume(killPullAt(step))).rejects.toThrow(`killed at ${step}`)
    // The fifth fault would give it up, as these are faults like others; the fourth resumption ends it.
    expect(await linked.resume()).toMatchObject({ state: 'merged' })
    await expectMerged(linked)
  })
})

describe('PL9: while a pull is being applied', () => {
  test('nobody makes commits, and whoever asks is told why', async () => {
    const linked = await diverged()
    await expect(linked.pull({}, killPullAt('tree'))).rejects.toThrow()
    await expect(linked.project.snapshot({ waitMs: 0 })).rejects.toThrow('Changes from GitHub are being merged')
    const due = await database.ask('select project_id from dirty_projects(1000)')
    expect(due).not.toContainEqual({ project_id: linked.project.key.projectId })
    await linked.resume()
    expect(await linked.project.snapshot()).toBeNull()
    await expectMerged(linked)
  })

  test('a commit that is being made is waited for, and then left to be asked again', async () => {
    const linked = await diverged()
    await database.ask(`update repository set leased_until = now() + interval '1 hour' where project_id = $1`, [
      linked.project.key.projectId,
    ])
    expect(await linked.pull()).toEqual({ state: 'busy' })
    await database.ask('update repository set leased_until = null where project_id = $1', [
      linked.project.key.projectId,
    ])
    await linked.merged()
    await expectMerged(linked)
  })

  test('a commit that a kill left open is made first', async () => {
    const linked = await diverged()
    await expect(linked.project.snapshot({}, killAt('cut'))).rejects.toThrow()
    await linked.merged()
    await expectMerged(linked)
  })

  test('PL5: people who rename, delete, create and type meanwhile lose nothing', async () => {
    const linked = await diverged()
    let hasChanged = false
    const onStep = async (step: PullStep) => {
      if (step === 'planned' && !hasChanged) {
        hasChanged = true
        await linked.project.move(world.ana, await linked.idOf('both.md'), 'moved-by-ana.md')
        await linked.project.create(world.ana, 'new.md', 'of Ana\n')
        await linked.edit(ana, 'gone.md', () => 'typed just now\n')
      }
      if (step === 'text') await linked.edit(ana, 'late.md', (text) => `${text}more\n`)
    }
    await linked.merged({}, { onStep })
    expect(await linked.text('moved-by-ana.md')).toBe('ONE\n\nTWO\n\nours\n')
    expect(await linked.text('new.md')).toContain('of Ana')
    expect(await linked.text('gone.md')).toBe('typed just now\n')
    expect(await linked.text('late.md')).toMatch(/not committed\nmore\n/)
    const whats = (await linked.conflicts()).map(({ what }) => what)
    expect(whats).toEqual(expect.arrayContaining(['edited-deleted', 'lines']))
    const committed = await linked.project.committed()
    expect(committed.get('gone.md')?.toString()).toBe('typed just now\n')
  })

  test('a file that somebody deletes while its text is to be merged is listed', async () => {
    const linked = await diverged()
    let hasDeleted = false
    const onStep = async (step: PullStep) => {
      if (step !== 'text' || hasDeleted) return
      hasDeleted = true
      await linked.project.remove(world.ana, await linked.idOf('both.md'))
    }
    await linked.merged({}, { onStep })
    expect((await linked.paths()).includes('both.md')).toBe(false)
    expect((await linked.conflicts()).map(({ what, path }) => [what, path])).toContainEqual([
      'deleted-edited',
      'both.md',
    ])
  })

  test('GS5: somebody types without pause into the texts that are merged, and not a character is lost', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `t${n}.md`)
    const lines = Array.from({ length: 60 }, (_, n) => `line ${n}\n`)
    const linked = await world.shared(Object.fromEntries(names.map((name) => [name, lines.join('')])))
    linked.remote.commit(
      Object.fromEntries(names.map((name) => [name, lines.join('').replace('line 30\n', 'line 30 of theirs\n')])),
    )
    let isOver = false
    const typed: string[] = []
    const typing = (async () => {
      for (let n = 0; !isOver; n++) {
        const name = names[n % names.length] as string
        const mark = `<${n}>`
        await linked.edit(ana, name, (text) => `${mark}\n${text}`)
        typed.push(`${name} ${mark}`)
      }
    })()
    const outcome = await linked.merged()
    isOver = true
    await typing
    expect(outcome.conflicts).toBe(0)
    for (const entry of typed) {
      const [name = '', mark = ''] = entry.split(' ')
      expect(await linked.text(name)).toContain(`${mark}\n`)
    }
    for (const name of names) expect(await linked.text(name)).toContain('line 30 of theirs\n')
    expect(await linked.project.git('show', '-s', '--format=%P', 'HEAD')).toContain(linked.remote.head())
  })
})

describe('PL10: a pull that cannot be applied', () => {
  test('is given up at the fifth fault, commits go on, and a later pull brings the rest', async () => {
    const linked = await diverged()
    const broken = { merge: { merge: () => Promise.reject(new Error('broken')) } }
    await expect(linked.pull({}, broken)).rejects.toThrow('broken')
    for (let fault = 2; fault < 5; fault++) await expect(linked.resume(broken)).rejects.toThrow('broken')
    expect(await linked.resume(broken)).toMatchObject({ state: 'refused', reason: { code: 'pull-abandoned' } })
    expect(await linked.resume()).toBeNull()
    expect(await linked.project.snapshot()).not.toBeNull()
    await linked.merged()
    expect(await linked.text('both.md')).toBe('ONE\n\nTWO\n\nours\n')
    expect(await linked.paths()).toContain('deep/moved.md')
  })

  test('is left to the next try when its worker is told to end', async () => {
    const linked = await diverged()
    const ending = new AbortController()
    const onStep = (step: PullStep) => {
      if (step === 'text') ending.abort(new Error('the worker ends'))
    }
    await expect(linked.pull({}, { onStep }, ending.signal)).rejects.toThrow('the worker ends')
    expect(
      await linked.project.ask('select attempts from pull where project_id = $1 and state = $$applying$$'),
    ).toEqual([{ attempts: 0 }])
    expect(await linked.resume()).toMatchObject({ state: 'merged' })
    await expectMerged(linked)
  })
})

test('SN8: the commit of a merge is by whoever typed, and Skein commits it', async () => {
  const linked = await diverged()
  const mei = await world.base.person('Mei')
  await linked.edit(personToActorKey(mei.userId), 'late.md', (text) => `${text}by Mei\n`)
  await linked.merged()
  const shown = await linked.project.git('show', '-s', '--format=%an|%cn|%s|%b', 'HEAD')
  expect(shown).toMatch(/^(Ana|Mei)\|Skein\|Merge main of ana\/notes\|Co-authored-by: (Mei|Ana) /)
})
