/**
 * A project over a real database with a real Git store, for tests of snapshots: people type through the log as the
 * collaboration server would, change the tree through its commands, and look at the outcome with the real git.
 */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { documentLogQueries, fileQueries, importQueries, projectQueries, workspaceQueries } from '@skein/db'
import { createTestDatabase, type TestDatabase } from '@skein/db/testing'
import {
  applyState,
  applyUpdate,
  decodeUpdateFrames,
  documentText,
  encodeUpdateFrames,
  seedEpoch,
  textToBytes,
} from '@skein/document'
import { encodeObject } from '@skein/git-model'
import {
  type ActorKey,
  type Commit,
  type DocumentId,
  type FileId,
  type FileKind,
  type Oid,
  type ProjectId,
  personToActorKey,
  SKEIN,
  type UserId,
  type WorkspaceId,
} from '@skein/protocol'
import { afterAll } from 'vitest'
import * as Y from 'yjs'
import { createPostgresBlobStore } from '../../../adapters/blob/postgres-blob-store.ts'
import { recordEvent } from '../../../adapters/events/postgres-event-hub.ts'
import { listTree, readBlobs } from '../../../adapters/git/bare-repository.ts'
import { GitProgram } from '../../../adapters/git/git-program.ts'
import { PostgresGitStore } from '../../../adapters/git/postgres-git-store.ts'
import type { Actor } from '../../../policies/actor.ts'
import type { ProjectKey } from '../../event-hub.ts'
import { addFile, createFile } from '../../files/create-file.ts'
import { updateFile } from '../../files/move-files.ts'
import { bytesToContent } from '../../files/new-content.ts'
import { deleteFile } from '../../files/trash.ts'
import { planTree } from '../../import/plan-tree.ts'
import type { FetchedRemote } from '../../import/remote-source.ts'
import { writeTree } from '../../import/write-tree.ts'
import { PackRows } from '../pack-rows.ts'
import { type SnapshotDeps, type SnapshotRequest, type SnapshotStep, takeSnapshot } from '../snapshot.ts'

const searchPath = process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'

/** Runs git in a directory, away from the settings of whoever runs the tests. */
export function git(directory: string, args: readonly string[], input: string | Uint8Array = ''): Buffer {
  const env = {
    PATH: searchPath,
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ana',
    GIT_AUTHOR_EMAIL: 'ana@example.org',
    GIT_COMMITTER_NAME: 'Ana',
    GIT_COMMITTER_EMAIL: 'ana@example.org',
    GIT_ALLOW_PROTOCOL: 'file:http',
    GIT_TERMINAL_PROMPT: '0',
  }
  return execFileSync('git', args, { cwd: directory, env: env as never, input, stdio: 'pipe', maxBuffer: 2 ** 28 })
}

export interface World extends ReturnType<typeof buildSnapshotWorld> {}

/** One database and one Git store for a test file. */
export async function createSnapshotWorld() {
  const world = buildSnapshotWorld(await createTestDatabase())
  afterAll(world.close)
  return world
}

/** A Git store and what belongs to it, over a database that is there. */
export function buildSnapshotWorld(test: Pick<TestDatabase, 'database' | 'ask'>) {
  const { database } = test
  const folder = mkdtempSync(join(tmpdir(), 'skein-snapshot-'))
  const cacheDir = join(folder, 'git')
  const store = new PostgresGitStore({ database, cacheDir, searchPath })
  const blobs = createPostgresBlobStore(database)
  const deps: SnapshotDeps = { database, objects: store, blobs, noReplyHost: 'skein.test', recordEvent }
  const close = () => {
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }

  const person = async (name: string): Promise<Actor> => {
    const userId = `u${randomUUID().slice(0, 8)}` as UserId
    const email = `${userId}@example.org`
    await test.ask('insert into auth."user" (id, name, email, "emailVerified") values ($1, $2, $3, true)', [
      userId,
      name,
      email,
    ])
    return { userId, name, email, token: null }
  }

  /** An empty project of its own workspace. */
  const project = async (state: 'ready' | 'importing' = 'ready'): Promise<ProjectWorld> => {
    const workspaceId = randomUUID() as WorkspaceId
    const slug = `w-${workspaceId.slice(0, 8)}`
    const projectId = await database.inWorkspace(workspaceId, async (tx) => {
      await workspaceQueries.insertWorkspace(tx, { id: workspaceId, slug, name: slug, personalOf: null })
      return projectQueries.insertProject(tx, {
        workspaceId,
        slug: 'notes',
        name: 'Notes',
        state,
        source: 'empty',
        sourceUrl: null,
        createdBy: SKEIN,
      })
    })
    return new ProjectWorld(world, { projectId: projectId as ProjectId, workspaceId })
  }
  /** A project with one committed file. */
  const committedProject = async (by: Actor) => {
    const made = await project()
    const file = await made.create(by, 'one.md', 'One\n')
    return { project: made, file, commit: await made.snapshot() }
  }
  /** Resolves once so many transactions wait for others. */
  const somebodyWaits = async (count = 1): Promise<void> => {
    const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    while ((await test.ask(waiting)).length < count) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const parts = { test, database, folder, cacheDir, store, blobs, deps }
  const world = { ...parts, committedProject, person, project, somebodyWaits, close }
  return world
}

type WorldParts = Pick<World, 'test' | 'database' | 'folder' | 'store' | 'blobs' | 'deps'>

interface LiveFile {
  id: FileId
  path: string
  kind: FileKind
  documentId: DocumentId | null
  eol: 'lf' | 'crlf' | 'mixed' | null
  bom: boolean
}

/** What people and tests do in one project. */
export class ProjectWorld {
  readonly key: ProjectKey
  readonly #world: WorldParts

  constructor(world: WorldParts, key: ProjectKey) {
    this.#world = world
    this.key = key
  }

  get #treeDeps() {
    return { db: this.#world.database, record: this.#world.deps.recordEvent, blobs: this.#world.blobs }
  }

  /** Makes a text file; returns what is needed to type into it. */
  async create(
    actor: Actor,
    path: string,
    content = '',
    executable = false,
  ): Promise<{ id: FileId; documentId: DocumentId }> {
    const file = await createFile(this.#treeDeps, this.key, actor, { path, content, kind: 'text', executable })
    if (file.documentId === null) throw new Error(`${path} is not text`)
    return { id: file.id, documentId: file.documentId }
  }

  async link(actor: Actor, path: string, target: string): Promise<void> {
    await createFile(this.#treeDeps, this.key, actor, { path, content: target, kind: 'symlink', executable: false })
  }

  /** Adds a file of these bytes, as an upload does. */
  async upload(actor: Actor, path: string, bytes: Uint8Array): Promise<FileId> {
    const content = await bytesToContent(this.#world.blobs, this.key.workspaceId, path, bytes)
    return (await addFile(this.#treeDeps, this.key, actor, path, false, content)).id
  }

  async move(actor: Actor, file: FileId, path: string): Promise<void> {
    await updateFile(this.#treeDeps, this.key, actor, file, { path })
  }

  async makeExecutable(actor: Actor, file: FileId): Promise<void> {
    await updateFile(this.#treeDeps, this.key, actor, file, { executable: true })
  }

  async remove(actor: Actor, file: FileId): Promise<void> {
    await deleteFile(this.#treeDeps, this.key, actor, file)
  }

  /** Types at the end of a document, one update a call, as the group commit of the log would write it. */
  async type(actor: Actor, document: DocumentId, ...insertions: string[]): Promise<void> {
    for (const insertion of insertions) {
      await this.edit(personToActorKey(actor.userId), document, (text) => text.insert(text.length, insertion))
    }
  }

  /** Changes a document by one update of an actor. */
  async edit(actor: ActorKey, document: DocumentId, change: (text: Y.Text) => void): Promise<void> {
    const { database } = this.#world
    const doc = await this.#load(document)
    doc.clientID = Math.floor(Math.random() * 2 ** 31)
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    change(doc.getText('text'))
    const payload = encodeUpdateFrames(updates.map((update) => ({ actor, update })))
    if (updates.length > 0)
      await documentLogQueries.appendUpdates(database.log, [{ document, epoch: 1, payload, clients: [] }])
  }

  async #load(document: DocumentId): Promise<Y.Doc> {
    return this.#world.database.onLog(async (tx) => {
      const unseeded = await documentLogQueries.lockUnseeded(tx, document)
      if (unseeded) {
        const clientId = Math.floor(Math.random() * 2 ** 31)
        const state = seedEpoch(unseeded.text, unseeded.epoch, clientId)
        await documentLogQueries.insertSeed(tx, document, { state, clientId, actor: SKEIN })
      }
      const row = await documentLogQueries.readDocument(tx, document)
      if (!row?.state) throw new Error(`document ${document} is not there`)
      const doc = new Y.Doc()
      applyState(doc, row.state)
      for (const { payload } of await documentLogQueries.listUpdates(tx, document, row.uptoSeq)) {
        for (const { update } of decodeUpdateFrames(payload)) applyUpdate(doc, update)
      }
      return doc
    })
  }

  snapshot(request: Partial<SnapshotRequest> = {}, deps: Partial<SnapshotDeps> = {}): Promise<Commit | null> {
    return takeSnapshot({ ...this.#world.deps, ...deps }, this.key, {
      by: null,
      message: null,
      waitMs: 20_000,
      ...request,
    })
  }

  head(): Promise<Oid | null> {
    return this.#world.store.head(this.key, 'main')
  }

  /** Runs git on the repository as the store hands it out. */
  git(...args: string[]): Promise<string> {
    return this.#world.store.withDirectory(this.key, async (directory) =>
      git(directory, args).toString().replace(/\n+$/, ''),
    )
  }

  /** What a clone would say is wrong with the repository; empty when nothing is. */
  fsck(): Promise<string> {
    return this.git('fsck', '--strict', '--full', '--no-dangling')
  }

  /** Files of the tip by path, as bytes. */
  async committed(): Promise<Map<string, Buffer>> {
    const paths = (await this.git('ls-tree', '-r', '-z', '--name-only', 'HEAD')).split('\0').filter(Boolean)
    return this.#world.store.withDirectory(this.key, async (directory) => {
      return new Map(paths.map((path) => [path, git(directory, ['cat-file', 'blob', `HEAD:${path}`])]))
    })
  }

  /** The rows of the tree, without the trash. */
  files(): Promise<LiveFile[]> {
    return this.ask<LiveFile>(
      `select id, path, kind, document_id as "documentId", eol, bom from file where project_id = $1 and deleted_at is null`,
    )
  }

  /** Bytes of all live text files, made from the log alone. */
  async live(): Promise<Map<string, Buffer>> {
    const rows = await this.files()
    const live = new Map<string, Buffer>()
    for (const row of rows) {
      if (row.documentId === null || row.kind !== 'text') continue
      const text = documentText(await this.#load(row.documentId))
      live.set(row.path, Buffer.from(textToBytes(text, { eol: row.eol ?? 'lf', bom: row.bom })))
    }
    return live
  }

  /** Documents of the text files by path. */
  async documents(): Promise<Map<string, { id: FileId; documentId: DocumentId }>> {
    const rows = await this.files()
    return new Map(
      rows.flatMap(({ path, id, documentId }) => (documentId === null ? [] : [[path, { id, documentId }]])),
    )
  }

  dirty(): Promise<{ file_id: FileId; since: Date }[]> {
    return this.#world.test.ask('select file_id, since from dirty_file where project_id = $1', [this.key.projectId])
  }

  ask<Row extends object>(text: string): Promise<Row[]> {
    return this.#world.test.ask<Row>(text, [this.key.projectId])
  }

  /** Takes over a bare repository that is already on disk, as an import does after its fetch. */
  async import(bareDirectory: string, branch = 'main'): Promise<Oid> {
    const { store, database } = this.#world
    const place = { git: new GitProgram(searchPath), directory: bareDirectory }
    const tip = git(bareDirectory, ['rev-parse', `refs/heads/${branch}`])
      .toString()
      .trim() as Oid
    const entries = await Array.fromAsync(listTree(place, tip))
    const remote = {
      readBlobs: (oids: readonly Oid[], onBlob: Parameters<FetchedRemote['readBlobs']>[1]) =>
        readBlobs(place, oids, onBlob),
    } as unknown as FetchedRemote
    const signal = new AbortController().signal
    await store.storeFetched(this.key, { bareDirectory, branch, tip, actor: SKEIN, reason: 'import' }, async (tx) => {
      await writeTree(tx, this.key, remote, planTree(entries), { signal, onProgress: () => {} })
      await importQueries.finishImport(tx, this.key.projectId, branch)
    })
    // Every row is put on the list, so that a snapshot has to look at each.
    await database.inWorkspace(this.key.workspaceId, async (tx) => {
      const files = await this.files()
      await fileQueries.markDirty(
        tx,
        this.key,
        files.map(({ id }) => id),
      )
    })
    return tip
  }
}

/** Throws when a snapshot reaches a step, as a kill would. */
export function killAt(step: SnapshotStep) {
  return {
    onStep: (reached: SnapshotStep) => {
      if (reached === step) throw new Error(`killed at ${step}`)
    },
  }
}

/** Puts an empty commit on the branch, once, as a pull would. */
export async function moveBranchAway(world: WorldParts, project: ProjectWorld, expected: string): Promise<void> {
  if ((await project.head()) !== expected) return
  const by = 'Cy <cy@example.org> 1700000000 +0000'
  const tree = await project.git('rev-parse', `${expected}^{tree}`)
  const body = Buffer.from(`tree ${tree}\nparent ${expected}\nauthor ${by}\ncommitter ${by}\n\nElsewhere\n`)
  await addCommit(world, project, encodeObject('commit', body))
}

async function addCommit(
  world: WorldParts,
  project: ProjectWorld,
  commit: ReturnType<typeof encodeObject>,
): Promise<void> {
  const packs = new PackRows(world.database, project.key)
  await packs.add(commit)
  await packs.finish(async () => {})
  const [pack] = packs.written
  await world.test.ask(
    `insert into pack (project_id, workspace_id, sha, source, pack_bytes, index_bytes, gen)
     select project_id, workspace_id, $2, 'fetch', $3, $4, gen + 1 from repository where project_id = $1`,
    [project.key.projectId, pack?.sha, pack?.packBytes, pack?.indexBytes],
  )
  await world.test.ask('update ref set oid = $2 where project_id = $1', [project.key.projectId, commit.oid])
  await world.test.ask('update repository set gen = gen + 1 where project_id = $1', [project.key.projectId])
}
