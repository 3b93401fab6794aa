// The check of a repository finds what it is for, and says nothing about a sound one.
import path from 'node:path'
import { expect, test } from 'vitest'
import { GitProbe } from '../../adapters/git/git-probe.ts'
import { GitProgram } from '../../adapters/git/git-program.ts'
import { createSnapshotWorld, type ProjectWorld } from '../snapshot/testing/snapshot-world.ts'
import { checkRepository } from './check-repository.ts'

const world = await createSnapshotWorld()
const ana = await world.person('Ana')
const { database } = world
const probe = new GitProbe({
  database,
  git: new GitProgram(process.env.PATH ?? '/usr/bin:/bin'),
  scratchDir: path.join(world.folder, 'fsck'),
})
const problemsOf = async ({ key }: ProjectWorld) => (await checkRepository({ database, probe }, key))?.problems

test('PK5: a sound repository has no problems, with uncommitted work, renames and the trash in it', async () => {
  const { project, file } = await world.committedProject(ana)
  const image = await project.upload(ana, 'image.png', Uint8Array.of(1, 0, 2))
  await project.snapshot()
  await project.move(ana, file.id, 'folder/two.md')
  await project.remove(ana, image)
  expect(await problemsOf(project)).toEqual([])
  await project.snapshot()
  await project.type(ana, file.documentId, 'more\n')
  expect(await checkRepository({ database, probe }, project.key)).toMatchObject({ commits: 3, files: 1, problems: [] })
})

test.each<[string, string, RegExp]>([
  ['a pack without its bytes', `delete from pack_chunk where project_id = $1 and part = 'pack'`, /damaged or missing/],
  ['a pack that is not there', 'delete from pack where project_id = $1', /is in no pack/],
  ['a commit without a row', 'delete from git_commit where project_id = $1', /in no row/],
  [
    'a file that says something else',
    `update file set committed_oid = repeat('a', 40) where project_id = $1`,
    /its file says 100644 aaaa/,
  ],
  [
    'a file that is not in the commit',
    `update file set committed_path = 'elsewhere.md' where project_id = $1`,
    /“elsewhere.md” .* is not in the last commit/,
  ],
])('PK5: %s is found', async (_, harm, sentence) => {
  const { project } = await world.committedProject(ana)
  await project.ask(harm)
  expect((await problemsOf(project))?.join('\n')).toMatch(sentence)
})
