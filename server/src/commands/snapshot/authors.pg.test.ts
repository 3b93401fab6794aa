import { SKEIN } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { createSnapshotWorld } from './testing/snapshot-world.ts'

const world = await createSnapshotWorld()
const ana = await world.person('Ana')
const ben = await world.person('Ben')

describe('SN8: who it is by', () => {
  test('SN8: the person who edited most is the author, the others are co-authors, Skein commits', async () => {
    const { project, file } = await world.committedProject(ana)
    const cyd = await world.person('Cyd <cyd@private>\nparent 0000')
    await project.type(ben, file.documentId, 'a', 'b', 'c')
    await project.type(ana, file.documentId, 'd')
    await project.create(cyd, 'two.md')
    await project.makeExecutable(cyd, (await project.documents()).get('two.md')?.id as never)
    await project.create(cyd, 'three.md')
    await project.edit(SKEIN, file.documentId, (live) => live.insert(0, 'x'.repeat(100)))
    const commit = await project.snapshot({
      by: `person:${ana.userId}` as never,
      message: 'Together\r\n\r\nWith a body',
    })
    expect(await project.git('log', '-1', '--format=%an <%ae>%n%cn <%ce>%n%B')).toBe(
      [
        `Ben <${ben.userId}@users.noreply.skein.test>`,
        'Skein <skein@noreply.skein.test>',
        'Together\n\nWith a body\n',
        `Co-authored-by: Cyd cyd@private parent 0000 <${cyd.userId}@users.noreply.skein.test>`,
        `Co-authored-by: Ana <${ana.userId}@users.noreply.skein.test>`,
      ].join('\n'),
    )
    expect(commit).toMatchObject({ author: { name: 'Ben', userId: ben.userId }, kind: 'snapshot' })
  })

  test('SN8: counting begins anew after each snapshot', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ben, file.documentId, 'a', 'b', 'c')
    await project.snapshot()
    await project.type(ana, file.documentId, 'd')
    const commit = await project.snapshot()
    expect(commit?.author.name).toBe('Ana')
    expect(commit?.message).toBe('Update one.md')
  })

  test('SN8: of equals the one who asked is the author; who only asked is when no person edited', async () => {
    const { project, file } = await world.committedProject(ana)
    const by = `person:${ben.userId}` as never
    await project.type(ana, file.documentId, 'a')
    await project.type(ben, file.documentId, 'b')
    expect((await project.snapshot({ by }))?.author.name).toBe('Ben')
    await project.edit(SKEIN, file.documentId, (live) => live.insert(0, 'x'))
    expect((await project.snapshot({ by }))?.author.name).toBe('Ben')
    await project.edit(SKEIN, file.documentId, (live) => live.insert(0, 'y'))
    const own = await project.snapshot()
    expect(own?.author).toEqual({ name: 'Skein', email: 'skein@noreply.skein.test' })
  })
})
