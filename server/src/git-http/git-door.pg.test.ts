import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Scope } from '@skein/protocol'
import { expect, test, vi } from 'vitest'
import type { Actor } from '../policies/actor.ts'
import { createDoorWorld, run } from './testing/door-world.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const world = await createDoorWorld()
const { base, faults, port, scratch } = world
const ana = await base.person('Ana')
const project = await base.project()
await world.join(ana, project, 'owner')
const { documentId } = await project.create(ana, 'README.md', 'Hello\n')
await project.snapshot()
const [{ slug = '' } = {}] = await project.ask<{ slug: string }>(
  'select w.slug from workspace w join project p on p.workspace_id = w.id where p.id = $1',
)
const tokenOf = (actor: Actor, scopes?: Scope[]) => world.tokenOf(actor, scopes)
const addressOf = (token: string, where = `${slug}/notes`) => `http://me:${token}@127.0.0.1:${port}/git/${where}.git`

test('a project is cloned with a token, by slugs and by ids, and fetched again after a commit', async () => {
  const token = await tokenOf(ana, ['git:read'])
  const { projectId, workspaceId } = project.key
  for (const where of [`${slug}/notes`, `${slug}/${projectId}`, `${workspaceId}/notes`]) {
    const folder = scratch()
    expect(await run(folder, 'clone', '-q', addressOf(token, where), 'copy')).toEqual({ code: 0, said: '' })
    expect(await readFile(path.join(folder, 'copy/README.md'), 'utf8')).toMatch(/^Hello\n/)
  }
  const folder = scratch()
  await run(folder, 'clone', '-q', addressOf(token), 'copy')
  const copy = path.join(folder, 'copy')
  await project.type(ana, documentId, 'again\n')
  const commit = await project.snapshot()
  expect((await run(copy, 'pull', '-q')).code).toBe(0)
  expect((await run(copy, 'rev-parse', 'HEAD')).said.trim()).toBe(commit?.oid)
  expect((await run(copy, 'fsck', '--strict')).code).toBe(0)
})

test('protocol 2, shallow and partial clones work', async () => {
  const token = await tokenOf(ana)
  const folder = scratch()
  const traced = await run(folder, '-c', 'protocol.version=2', 'clone', '-q', '--depth=1', addressOf(token), 'shallow')
  expect(traced.code).toBe(0)
  expect((await run(folder, 'clone', '-q', '--filter=blob:none', addressOf(token), 'partial')).code).toBe(0)
  const answer = await fetch(`http://127.0.0.1:${port}/git/${slug}/notes.git/info/refs?service=git-upload-pack`, {
    headers: { authorization: `Bearer ${token}`, 'git-protocol': 'version=2' },
  })
  expect(await answer.text()).toContain('version 2')
})

test('an empty project is an empty repository', async () => {
  const empty = await base.project()
  await world.join(ana, empty, 'owner')
  const folder = scratch()
  const { code, said } = await run(folder, 'clone', addressOf(await tokenOf(ana), `any/${empty.key.projectId}`), 'copy')
  expect(code).toBe(0)
  expect(said).toContain('empty repository')
})

test('without a token Git is asked for one; a wrong one is refused in words', async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/git/${slug}/notes.git/info/refs?service=git-upload-pack`)
  expect(answer.status).toBe(401)
  expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Skein", charset="UTF-8"')
  const { code, said } = await run(scratch(), 'clone', addressOf('skein_wrong'), 'copy')
  expect(code).toBe(128)
  expect(said).toContain('remote: There is no such API token.')
  expect(said).toContain('Authentication failed')
})

test('a token without the scope is told which one it needs', async () => {
  const { said } = await run(scratch(), 'clone', addressOf(await tokenOf(ana, ['docs:read'])), 'copy')
  expect(said).toContain('remote: This API token does not have the scope git:read.')
})

test('another tenant’s project, a project that never was, and odd addresses are the same 404', async () => {
  const token = await tokenOf(await base.person('Mallory'))
  const { said } = await run(scratch(), 'clone', addressOf(token), 'copy')
  expect(said).toContain('not found')
  const statusOf = async (where: string, method = 'GET') =>
    (await fetch(`http://127.0.0.1:${port}/git/${where}`, { method, headers: { authorization: `Bearer ${token}` } }))
      .status
  expect(await statusOf(`${slug}/notes.git/info/refs?service=git-upload-pack`)).toBe(404)
  expect(await statusOf(`${slug}/never.git/info/refs?service=git-upload-pack`)).toBe(404)
  expect(await statusOf(`${slug}/notes.git/info/refs`)).toBe(404)
  expect(await statusOf(`${slug}/notes.git/objects/info/packs`)).toBe(404)
  expect(await statusOf(`${slug}/..%2Fnotes.git/info/refs?service=git-upload-pack`)).toBe(404)
  expect(await statusOf(`${slug}/notes.git/git-upload-pack`)).toBe(404)
})

test('request bodies may be compressed, and are bounded after decompression', async () => {
  const token = await tokenOf(ana)
  const post = (body: Uint8Array) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const outgoing = request(
        `http://127.0.0.1:${port}/git/${slug}/notes.git/git-upload-pack`,
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/x-git-upload-pack-request',
            'content-encoding': 'gzip',
            'git-protocol': 'version=2',
          },
        },
        async (answer) => {
          const chunks = await Array.fromAsync(answer as AsyncIterable<Buffer>)
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
        },
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  const listed = await post(gzipSync('0014command=ls-refs\n00010000'))
  expect(listed).toMatchObject({ status: 200, text: expect.stringContaining('refs/heads/main') })
  expect((await post(gzipSync(Buffer.alloc(32 * 1024 * 1024)))).status).toBe(413)
})

test('old tips that were set aside are not shown', async () => {
  await world.test.ask(
    `insert into ref (project_id, workspace_id, name, oid)
     select project_id, workspace_id, 'refs/pinned/x', oid from ref where project_id = $1`,
    [project.key.projectId],
  )
  await world.test.ask('update repository set gen = gen + 1 where project_id = $1', [project.key.projectId])
  const { said } = await run(scratch(), 'ls-remote', addressOf(await tokenOf(ana)))
  expect(said.split('\n').map((line) => line.split('\t')[1])).toEqual(['HEAD', 'refs/heads/main', undefined])
})

test('nothing above was a fault of ours', () => {
  expect(faults).toEqual([])
})
