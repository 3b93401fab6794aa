/**
 * The whole API of projects over a real database, for tests: real events and blobs; live documents and Git are
 * doubles unless a test brings them.
 */
import type { Database } from '@skein/db'
import { createTestDatabase, type TestDatabase } from '@skein/db/testing'
import { createPostgresBlobStore } from '../../adapters/blob/postgres-blob-store.ts'
import { PostgresEventHub } from '../../adapters/events/postgres-event-hub.ts'
import { createSearchThreads } from '../../adapters/search/search-threads.ts'
import type { ProjectKey } from '../../commands/event-hub.ts'
import type { GitStore } from '../../commands/git-store.ts'
import type { GithubApi } from '../../commands/github/github-api.ts'
import { readGithubStatus } from '../../commands/github/read-status.ts'
import { Viewers } from '../../commands/github/viewers.ts'
import { createImports } from '../../commands/import/request-import.ts'
import type { LiveDocuments } from '../../commands/live-documents.ts'
import type { SnapshotDeps } from '../../commands/snapshot/snapshot.ts'
import type { SnapshotObjects } from '../../commands/snapshot/snapshot-objects.ts'
import { readTemplate } from '../../templates/templates.ts'
import { commitRoutes } from '../commits.ts'
import { conflictRoutes } from '../conflicts.ts'
import { contentRoutes } from '../content.ts'
import type { ApiRoutes } from '../env.ts'
import { eventRoutes } from '../events.ts'
import { fileRoutes } from '../files.ts'
import { rawFileRoutes } from '../files-raw.ts'
import { findRoutes } from '../find.ts'
import { githubRoutes } from '../github.ts'
import { jobRoutes } from '../jobs.ts'
import { projectRoutes } from '../projects.ts'
import { snapshotRoutes } from '../snapshots.ts'
import { syncOperationRoutes } from '../sync-operations.ts'
import type { Answer } from './browser.ts'
import { createStoredDocuments } from './stored-documents.ts'
import { buildWorld } from './world.ts'

/** Committed blobs by oid, for files that no blob store holds. */
type CommittedBlobs = Map<string, Uint8Array>

/** Builds it on a database of its own. */
export const createProjectWorld = async () => buildProjectWorld(await createTestDatabase())

/** Real parts in place of the doubles. */
export interface ProjectWorldParts {
  documents?: LiveDocuments
  git?: GitStore & SnapshotObjects
  /** Absent: no GitHub App is set up. */
  github?: Pick<GithubApi, 'readRepository'>
}

/** Builds it on a database that is there. With a Git store it has snapshots and commits too. */
export async function buildProjectWorld(test: TestDatabase, parts: ProjectWorldParts = {}) {
  const { database: db } = test
  const faults: unknown[] = []
  const logFault = (error: unknown): void => void faults.push(error)
  const events = new PostgresEventHub(db, logFault)
  await events.start()
  const stored = createStoredDocuments(test)
  const documents = parts.documents ?? stored
  const blobs = createPostgresBlobStore(db)
  const committed: CommittedBlobs = new Map()
  const git: Pick<GitStore, 'readBlobs'> = parts.git ?? {
    readBlobs: async (_, oids, onBlob) => {
      for (const oid of oids) await onBlob(oid, committed.get(oid) as Uint8Array)
    },
  }
  const imports = createImports([])
  const templates = { demo: await readTemplate('demo') }
  const githubStatus = ({ projectId, workspaceId }: ProjectKey) =>
    db.inWorkspace(workspaceId, (tx) => readGithubStatus(tx, projectId), { readOnly: true })
  const publicUrl = 'http://localhost:3000'
  const github = parts.github ?? {
    readRepository: async () => ({ ok: false, failure: { kind: 'unauthorized' } }) as const,
  }
  const links = {
    db,
    api: github,
    hasApp: async () => parts.github !== undefined,
    record: events.record,
    isLocal: true,
  }
  const deps = {
    links,
    db,
    record: events.record,
    blobs,
    documents,
    git,
    events,
    logFault,
    templates,
    imports,
    publicUrl,
  }
  const world = buildWorld(test, {
    publicUrl,
    events,
    more: [
      projectRoutes({ ...deps, githubStatus }),
      githubRoutes(links),
      syncOperationRoutes(links),
      conflictRoutes(deps),
      fileRoutes(deps),
      rawFileRoutes(deps),
      contentRoutes(deps),
      findRoutes({ ...deps, searchers: createSearchThreads() }),
      eventRoutes({ ...deps, noteViewer: new Viewers(db, events.record, logFault).note }),
      jobRoutes(deps),
      ...(parts.git ? gitRoutes({ db, objects: parts.git, blobs, recordEvent: events.record }) : []),
    ],
  })

  /** A new person with an empty project, and calls on it. */
  const owner = async (name: string) => {
    const person = await world.person(name)
    const { body } = await person.browser.post(`/api/v1/workspaces/${person.workspace.id}/projects`, {
      name: 'Field notes',
    })
    const base = `/api/v1/projects/${body.id}`
    const call = (method: string, path: string, data?: unknown, headers?: Record<string, string>): Promise<Answer> =>
      person.browser.request(method, `${base}${path}`, data, headers ? { headers } : {})
    /** Makes files with their paths as texts; gives them back in this order. */
    const make = async (...paths: string[]) => {
      const made = []
      for (const path of paths) made.push((await call('POST', '/files', { path, content: path })).body)
      return made
    }
    /** The paths of the tree. */
    const paths = async (): Promise<string[]> =>
      (await call('GET', '/files')).body.items.map(({ path }: { path: string }) => path)
    return { ...person, project: body, base, call, make, paths }
  }
  return {
    ...world,
    db,
    events,
    documents: stored,
    blobs,
    committed,
    faults: () => [...faults, ...world.faults],
    owner,
  }
}

const gitRoutes = ({ db, ...deps }: Omit<SnapshotDeps, 'database' | 'noReplyHost'> & { db: Database }): ApiRoutes[] => [
  snapshotRoutes({ db, snapshots: { ...deps, database: db, noReplyHost: 'localhost' } }),
  commitRoutes({ db, objects: deps.objects }),
]
