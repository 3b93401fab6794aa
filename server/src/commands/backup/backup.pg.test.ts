/** A backup of everything that a product holds, made while people type, and what it is restored to. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { instanceQueries, openPicture } from '@skein/db'
import { createTestDatabase, type TestDatabase } from '@skein/db/testing'
import type { DocumentId } from '@skein/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { PostgresGitStore } from '../../adapters/git/postgres-git-store.ts'
import { buildProjectWorld } from '../../api/testing/project-world.ts'
import { PASSWORD } from '../../api/testing/world.ts'
import { openDocument, type TestClient, until, untilSaved } from '../../collab/testing/client.ts'
import { startCollab } from '../../collab/testing/server.ts'
import { readConfig } from '../../config/config.ts'
import { createLog } from '../../observability/log.ts'
import { openStorage } from '../../services/storage.ts'
import { createTestFolder, git as runGit, testSearchPath } from '../../testing/world.ts'
import { checkBackup } from './read-backup.ts'
import { restoreBackup } from './restore-backup.ts'
import { writeBackup } from './write-backup.ts'

const folder = await createTestFolder()
const [source, target] = [await createTestDatabase(), await createTestDatabase()]
const fingerprint = 'of the key of this instance'
await instanceQueries.keepSecretFingerprint(source.database.instance, fingerprint)

async function serve(test: TestDatabase, name: string) {
  const collab = await startCollab(test.database)
  const cacheDir = path.join(folder, name)
  const git = new PostgresGitStore({ database: test.database, cacheDir, searchPath: testSearchPath })
  const world = await buildProjectWorld(test, { documents: collab.collab.liveDocuments, git })
  afterAll(async () => {
    world.events.stop()
    await collab.stop()
    expect(world.faults()).toEqual([])
  })
  return { collab, git, world }
}

const old = await serve(source, 'old')
const ana = await old.world.owner('Ana')
const { token } = await old.world.program(ana.browser)
const key = { projectId: ana.project.id, workspaceId: ana.workspace.id }
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) & 0xff))
const [quiet, typed, unopened] = (await ana.make('quiet.md', 'typed.md', 'unopened.md')) as { documentId: DocumentId }[]
const documentOf = (file: { documentId: DocumentId } | undefined): DocumentId => file?.documentId as DocumentId
await old.world.app.request(`${ana.base}/raw/picture.bin`, {
  method: 'PUT',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
  body: bytes as Uint8Array<ArrayBuffer>,
})
const { body: commit } = await ana.call('POST', '/snapshots')
const open = (document: DocumentId, url = old.collab.url, doc?: Y.Doc): TestClient =>
  openDocument({ url, token, document, ...(doc && { doc }) })

const backUp = async (
  name: string,
  onTable: (table: string) => void = () => {},
  signal = AbortSignal.timeout(60_000),
) => {
  const picture = await openPicture(source.address)
  const file = path.join(folder, name)
  try {
    return { file, report: await writeBackup({ picture, version: '1.2.3', signal, onTable }, file) }
  } finally {
    await picture.close()
  }
}
const restoreInto = (
  test: TestDatabase,
  file: string,
  keyFingerprint = fingerprint,
  tell: (line: string) => void = () => {},
) =>
  restoreBackup(
    { keyFingerprint, openServer: async () => ({ address: test.address, stop: async () => {} }), tell },
    file,
  )
const countRows = async (test: TestDatabase): Promise<Record<string, number>> => {
  const tables = await test.ask<{ name: string }>(
    `select n.nspname || '.' || quote_ident(c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname in ('public', 'auth') order by 1`,
  )
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const [row] = await test.ask<{ n: number }>(`select count(*)::int as n from ${name}`)
    counts[name] = row?.n ?? -1
  }
  return counts
}

// Made once: the other tests look at it.
const page = open(documentOf(typed))
await untilSaved(page)
await until(() => page.text.length > 0, 'the page has its text')
let isTyping = true
const typing = (async () => {
  for (let n = 0; isTyping; n++) {
    page.text.insert(page.text.length, `${n},`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await untilSaved(page)
})()
await until(() => page.text.length > 200, 'somebody is typing')
const { file, report } = await backUp('all.backup')
isTyping = false
await typing
const typedInTheEnd = page.text.toString()

describe('a backup', () => {
  test('BK1: holds every row of every table but sessions and counts, of one moment', async () => {
    const counts = await countRows(source)
    const { manifest, head } = await checkBackup(file)
    const held = Object.fromEntries(manifest.tables.map(({ name, rows }) => [name, rows]))
    expect(head).toMatchObject({ skein: '1.2.3', keyFingerprint: fingerprint })
    const left = Object.keys(counts).map((name) => name.replaceAll('"', ''))
    expect(left.filter((name) => !(name in held))).toEqual([
      'auth.session',
      'auth.verification',
      'public.collab_ticket',
      'public.request_limit',
    ])
    // Row-level security hides nothing from it; a table that fails here lacks the policy `owner` (migration 0018).
    const still = [
      'public.file',
      'public.blob',
      'public.pack_chunk',
      'public.git_commit',
      'public.workspace_member',
      'auth.account',
    ]
    for (const name of still) expect(held[name], name).toBe(counts[name])
    const hidden = await source.ask<{ name: string }>(
      `select c.relname as name from pg_class c where c.relrowsecurity and c.relnamespace = 'public'::regnamespace and not exists (
         select from pg_policies p where p.tablename = c.relname and 'skein_owner' = any(p.roles) and p.qual = 'true')`,
    )
    expect(hidden).toEqual([])
  })

  test('BK2: is for its owner alone, takes no name that is taken, and is taken away when it is broken off', async () => {
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600')
    expect((await stat(file)).size).toBe(report.bytes)
    await expect(backUp('all.backup')).rejects.toThrow('There is a file')
    const control = new AbortController()
    await expect(backUp('broken.backup', () => control.abort(new Error('broken off')), control.signal)).rejects.toThrow(
      'broken off',
    )
    expect((await readdir(folder)).filter((name) => name.includes('backup'))).toEqual(['all.backup'])
    expect((await checkBackup(file)).manifest.tables.length).toBe(report.tables)
  })

  test('BK3: that is cut off or changed is refused, wherever it is, with the place', async () => {
    const whole = await readFile(file)
    const damaged = path.join(folder, 'damaged')
    const refusal = async (content: Buffer): Promise<string> => {
      await writeFile(damaged, content)
      return checkBackup(damaged).then(
        () => 'taken',
        (error: Error) => error.message,
      )
    }
    for (let n = 1; n <= 20; n++) {
      const at = Math.floor((whole.length * n) / 21)
      expect(await refusal(whole.subarray(0, at)), `cut at ${at}`).toMatch(
        /is not complete: it ends too early, in .+ \(byte \d+\)\. Nothing was changed/,
      )
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] as number) ^ 0x10
      expect(await refusal(flipped), `flipped at ${at}`).toMatch(
        /The backup (is damaged|was changed|is not complete|does not hold).*, in |not a backup of Skein/,
      )
    }
    expect(await refusal(Buffer.concat([whole, Buffer.from('x')]))).toContain('goes on after its end')
    expect(await refusal(Buffer.from('PK\u0003\u0004 something else entirely'))).toContain('not a backup of Skein')
    await expect(checkBackup(path.join(folder, 'none'))).rejects.toThrow('cannot be read')
    await writeFile(damaged, whole.subarray(0, whole.length - 40))
    await expect(restoreInto(target, damaged)).rejects.toThrow('is not complete')
    expect(Object.values(await countRows(target)).every((count) => count === 0)).toBe(true)
  })
})

describe('a restore', () => {
  test('BK4, BK5: wants the key of the backup, and a database that is empty', async () => {
    await expect(restoreInto(target, file, 'another key')).rejects.toThrow('made under another secret key')
    await expect(restoreInto(source, file)).rejects.toThrow(
      /The database is in use: there are rows in .+ Nothing was changed/,
    )
    expect(Object.values(await countRows(target)).every((count) => count === 0)).toBe(true)
  })

  test('BK6: that breaks off leaves nothing, or what nobody starts on; it is simply done again', async () => {
    const config = readConfig({ DATABASE_URL: target.address, SECRET_KEY: 'a key that is long enough for this test' })
    // While rows come: the connection goes, and the server takes the transaction back.
    const dieAt = (table: string) => (line: string) => {
      if (line.includes(table)) throw new Error('killed')
    }
    await expect(restoreInto(target, file, fingerprint, dieAt('public.git_commit'))).rejects.toThrow('killed')
    expect(Object.values(await countRows(target)).every((count) => count === 0)).toBe(true)
    await restoreInto(target, file)
    // After the rows are there, before it is finished.
    await target.ask(`insert into instance_setting (key, value) values ('unfinished_restore', 'true')`)
    await expect(openStorage(config, { isNode: false, log: createLog('silent') })).rejects.toThrow(
      /not get to its end|not the one/,
    )
    await target.ask(`delete from instance_setting where key = 'secret_fingerprint'`)
    await expect(openStorage(config, { isNode: false, log: createLog('silent') })).rejects.toThrow('npm run restore')
    expect(await restoreInto(target, file)).toMatchObject({ rows: report.rows, tables: report.tables, damaged: 0 })
    expect(await target.ask(`select from instance_setting where key = 'unfinished_restore'`)).toEqual([])
    // What stood aside while rows came is back as it was.
    const guards = `select concat(conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated) as guard from pg_constraint
       union all select concat(tgrelid::regclass, tgname, tgenabled) from pg_trigger where not tgisinternal
       union all select concat(oid::regclass, relrowsecurity, relforcerowsecurity) from pg_class where relkind = 'r' order by 1`
    expect(await target.ask(guards)).toEqual(await source.ask(guards))
  })

  test('BK7, BK8, BK9: everything is there again, and goes on; devices with a later past keep it to themselves', async () => {
    // What the lost time knew: a document opened and written only after the backup, and edits that never arrived.
    const late = open(documentOf(unopened))
    await untilSaved(late)
    late.text.insert(0, 'after the backup ')
    await untilSaved(late)
    const lostRevision = (await ana.call('GET', '/content/unopened.md')).body.revision
    const pasts = [page, late].map((client) => {
      const doc = new Y.Doc()
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(client.provider.document))
      client.destroy()
      doc.getText('text').insert(0, 'typed offline ')
      return doc
    })

    const { collab, git, world } = await serve(target, 'new')
    const browser = world.browser()
    const signIn = await browser.request('POST', '/api/auth/sign-in/email', { email: ana.email, password: PASSWORD })
    expect(signIn.status).toBe(200)
    const call = (method: string, at: string, body?: unknown, headers?: Record<string, string>) =>
      browser.request(method, `${ana.base}${at}`, body, headers ? { headers } : {})

    const texts = (await call('POST', '/batch-read', { paths: ['quiet.md', 'typed.md', 'unopened.md'] })).body.files
    const restored: string = texts[1].text
    expect(texts).toMatchObject([{ text: 'quiet.md' }, { path: 'typed.md' }, { text: 'unopened.md' }])
    expect(restored.length).toBeGreaterThan(200)
    expect(typedInTheEnd.startsWith(restored)).toBe(true)
    const raw = await world.app.request(`${ana.base}/raw/picture.bin`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(Buffer.from(await raw.arrayBuffer()).equals(bytes)).toBe(true)
    expect((await call('GET', '/commits')).body.items).toEqual([commit])
    await git.withDirectory(key, async (directory) => {
      expect(await runGit(directory, 'fsck', '--strict')).toBe('')
      expect(await runGit(directory, 'rev-parse', 'refs/heads/main')).toBe(commit.oid)
    })

    // Each past is refused before anything of it is merged, the one whose seed this database never saw too.
    for (const [index, file] of [typed, unopened].entries()) {
      const client = open(documentOf(file), collab.url, pasts[index])
      await until(() => client.denials.length > 0, 'the device is told')
      expect(client.denials).toEqual(['epoch-changed'])
      client.destroy()
    }
    const fresh = open(documentOf(unopened), collab.url)
    await until(() => fresh.text.toString() === 'unopened.md', 'the text is there once')
    fresh.text.insert(0, 'and goes on, ')
    await untilSaved(fresh)
    fresh.destroy()
    const again = open(documentOf(unopened), collab.url)
    await until(() => again.text.toString() === 'and goes on, unopened.md', 'it was kept')
    again.destroy()
    expect((await call('GET', '/content/typed.md')).body.text).toBe(restored)
    const stale = await call('PUT', '/content/unopened.md', { text: 'over it' }, { 'if-match': lostRevision })
    expect((await call('GET', '/content/unopened.md')).body.text).toContain('and goes on')
    expect(stale.status).not.toBe(500)

    const next = await call('POST', '/snapshots', { message: 'After' })
    expect(next.body).toMatchObject({ parents: [commit.oid] })
    expect(documentOf(quiet)).toBeTruthy()
  })
})
