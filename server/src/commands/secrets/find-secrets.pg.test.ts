// Secrets in commits before they leave, with the real scanner, real Git and real rows. The samples are put together here, so that no other scanner
// of this repository finds them.
import { createHmac, randomUUID } from 'node:crypto'
import { type Oid, personToActorKey, type TokenId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { GitProgram } from '../../adapters/git/git-program.ts'
import { createNewBlobs } from '../../adapters/git/new-blobs.ts'
import { createSecretScanner } from '../../adapters/secret-scan/secret-threads.ts'
import { createSnapshotWorld, type ProjectWorld } from '../snapshot/testing/snapshot-world.ts'
import { FindSecrets } from './find-secrets.ts'
import { releaseSecret } from './release-secret.ts'
import type { SecretScanner } from './secret-scanner.ts'

const world = await createSnapshotWorld()
const ana = await world.person('Ana')
const { database: db, store: git } = world
const hashKey = Buffer.alloc(32, 7)
const signal = new AbortController().signal
const key = `${'gh'}${'p_'}${'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'}`
const other = `${'gh'}${'p_'}${'aWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'}`

const makeGate = (scanner: SecretScanner = createSecretScanner()) =>
  new FindSecrets({
    db,
    git,
    blobs: createNewBlobs(new GitProgram(process.env.PATH ?? '/usr/bin:/bin')),
    scanner,
    hashKey,
  })

const findings = (project: ProjectWorld) =>
  project.ask<{ id: string; path: string; line: number; state: string; commit_oid: string; fingerprint: Buffer }>(
    'select * from secret_finding where project_id = $1 order by path, line, id',
  )

async function projectWith(text: string) {
  const { project, commit } = await world.committedProject(ana)
  const file = await project.create(ana, 'site/map.ts', text)
  const next = (await project.snapshot())?.oid as Oid
  return { project, file, first: commit?.oid as Oid, next }
}

test('SN9: what looks like a secret holds the push and says where; commits without one leave', async () => {
  const { project, file, first, next } = await projectWith(`one\ntwo\nconst token = '${key}'\n`)
  const gate = makeGate()
  expect(await gate.check(project.key, { to: first, known: [] }, signal)).toBeNull()
  const held = await gate.check(project.key, { to: next, known: [first] }, signal)
  expect(held).toMatchObject({ code: 'secrets', message: expect.stringContaining('“site/map.ts”, line 3') })
  expect(await findings(project)).toMatchObject([{ path: 'site/map.ts', line: 3, state: 'open', commit_oid: next }])
  // Editing and committing go on.
  await project.type(ana, file.documentId, 'more\n')
  expect(await project.snapshot()).not.toBeNull()
  // What the remote has is not looked at again.
  expect(await gate.check(project.key, { to: next, known: [next] }, signal)).toBeNull()
})

test('SN9: a secret that a later commit took out again would leave with the history, and is found', async () => {
  const { project, file, first, next } = await projectWith(`token = '${key}'\n`)
  await project.edit(personToActorKey(ana.userId), file.documentId, (text) => text.delete(0, text.length))
  const clean = (await project.snapshot())?.oid as Oid
  expect(await makeGate().check(project.key, { to: clean, known: [first] }, signal)).toMatchObject({ code: 'secrets' })
  expect(await findings(project)).toMatchObject([{ commit_oid: next }])
})

test('SN9: let pass by a person, it is recorded, and passes on other lines and in later commits too', async () => {
  const { project, file, first, next } = await projectWith(`token = '${key}'\n`)
  const gate = makeGate()
  await gate.check(project.key, { to: next, known: [first] }, signal)
  const [found] = await findings(project)
  const release = () =>
    releaseSecret({ db, record: world.deps.recordEvent }, project.key, ana, found?.id ?? '', 'a sample')
  // An agent that pushes must not be the one who says that it may.
  const token = { id: randomUUID() as TokenId, scopes: ['git:commit' as const], workspaceId: null, expiresAt: null }
  const byToken = releaseSecret(
    { db, record: world.deps.recordEvent },
    project.key,
    { ...ana, token },
    found?.id ?? '',
    null,
  )
  await expect(byToken).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('Only a person') })
  expect(await findings(project)).toMatchObject([{ state: 'open' }])
  await release()
  expect(await findings(project)).toMatchObject([{ state: 'released', released_by: ana.userId, note: 'a sample' }])
  await release()
  await project.edit(personToActorKey(ana.userId), file.documentId, (text) => text.insert(0, 'a line above\n'))
  const moved = (await project.snapshot())?.oid as Oid
  expect(await gate.check(project.key, { to: moved, known: [first] }, signal)).toBeNull()
  await project.type(ana, file.documentId, `token = '${other}'\n`)
  const again = (await project.snapshot())?.oid as Oid
  expect(await gate.check(project.key, { to: again, known: [first] }, signal)).toMatchObject({ code: 'secrets' })
})

test('SN9: what was let pass does not hide what nobody has seen: limits count open findings only', async () => {
  const keys = Array.from({ length: 25 }, (_, n) => `token = '${key.slice(0, -2)}${String(n + 10)}'`)
  const sample = Array.from({ length: 20 }, () => `sample = '${other}'`)
  const { project, first, next } = await projectWith(`${[...sample, ...keys].join('\n')}\n`)
  const gate = makeGate()
  const seen = new Set<number>()
  for (let round = 0; round < 40; round++) {
    if ((await gate.check(project.key, { to: next, known: [first] }, signal)) === null) break
    const open = (await findings(project)).filter(({ state }) => state === 'open')
    expect(open.length).toBeLessThanOrEqual(20)
    for (const { line } of open) seen.add(line)
    for (const { id } of open) {
      await releaseSecret({ db, record: world.deps.recordEvent }, project.key, ana, id, null).catch(() => {})
    }
  }
  expect(seen.size).toBe(26)
  expect(await gate.check(project.key, { to: next, known: [first] }, signal)).toBeNull()
})

test('SF1: the secret stands in no row', async () => {
  const { project, next } = await projectWith(`token = '${key}'\n`)
  const held = await makeGate().check(project.key, { to: next, known: [] }, signal)
  const [found] = await findings(project)
  expect(found?.fingerprint).toEqual(createHmac('sha256', hashKey).update(key).digest())
  expect(JSON.stringify([held, { ...found, fingerprint: null }])).not.toContain(key.slice(4, 20))
})

test('SF2: what is not in the range any more has gone, and is open again when it comes back', async () => {
  const { project, first, next } = await projectWith(`token = '${key}'\n`)
  const gate = makeGate()
  expect(await gate.check(project.key, { to: next, known: [] }, signal)).not.toBeNull()
  expect(await gate.check(project.key, { to: first, known: [] }, signal)).toBeNull()
  expect(await findings(project)).toMatchObject([{ state: 'gone' }])
  expect(await gate.check(project.key, { to: next, known: [] }, signal)).not.toBeNull()
  expect(await findings(project)).toMatchObject([{ state: 'open' }])
})

test('SF3: a text that cannot be looked at in time is a finding of its own', async () => {
  const { project, next } = await projectWith('nothing in it\n')
  const gate = makeGate({ scan: async ({ path }) => (path === 'site/map.ts' ? 'unscanned' : []) })
  expect(await gate.check(project.key, { to: next, known: [] }, signal)).toMatchObject({ code: 'secrets' })
  expect(await findings(project)).toMatchObject([{ rule: 'unscanned', line: 1 }])
})

test('SN9: a range that names commits which are not here, a binary file and an odd name are looked at all the same', async () => {
  const { project } = await projectWith('nothing\n')
  await project.upload(ana, 'image.png', Buffer.from(`\0${key}`))
  await project.create(ana, 'notes “é” 1.md', `token ${key}\n`)
  const oid = (await project.snapshot())?.oid as Oid
  const gate = makeGate()
  expect(await gate.check(project.key, { to: oid, known: ['e'.repeat(40) as Oid] }, signal)).toMatchObject({
    message: expect.stringContaining('“notes “é” 1.md”, line 1'),
  })
  expect(await findings(project)).toHaveLength(1)
})
