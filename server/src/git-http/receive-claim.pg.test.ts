/** A push whose worker stands still for longer than its claim lasts: whoever commits meanwhile loses nothing by it. */
import { expect, test, vi } from 'vitest'
import { createDoorWorld } from './testing/door-world.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const world = await createDoorWorld()
const { shared, text, edit, faults, receiving, test: database } = world

test('RP3: a push that lost its claim to a commit is merged with that one', async () => {
  const { project, owner, clone } = await shared({ 'a.md': 'one\n\ntwo\n\nthree\n' })
  const copy = await clone()
  const pushed = await copy.commit({ 'a.md': 'one\n\ntwo\n\nTHREE\n' })
  let meanwhile: string | undefined
  receiving.onPushStep = async (step) => {
    if (step !== 'claimed' || meanwhile !== undefined) return
    await edit(owner, project, 'a.md', (now) => now.replace('one', 'ONE'))
    await database.ask(`update repository set leased_until = now() - interval '1 second' where project_id = $1`, [
      project.key.projectId,
    ])
    meanwhile = (await project.snapshot())?.oid
  }
  const { code, said } = await copy.push()
  delete receiving.onPushStep
  expect({ code, said }).toMatchObject({ code: 0 })
  expect(await project.git('show', '-s', '--format=%P', 'HEAD')).toBe(`${meanwhile} ${pushed}`)
  expect(await text(project, 'a.md')).toBe('ONE\n\ntwo\n\nTHREE\n')
  expect(await project.fsck()).toBe('')
  expect(faults).toEqual([])
})
