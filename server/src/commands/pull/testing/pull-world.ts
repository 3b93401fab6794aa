/**
 * A project that is linked to a remote on disk, over a real database, a real Git store and real live documents, for tests of pulls: others commit
 * there, people edit here, and the outcome is looked at with the real git.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { githubLinkQueries } from '@skein/db'
import { type ActorKey, type FileId, type Oid, personToActorKey, type UserId } from '@skein/protocol'
import { GitTextMerge } from '../../../adapters/git/text-merge.ts'
import type { Actor } from '../../../policies/actor.ts'
import type { LiveDocuments } from '../../live-documents.ts'
import { buildSnapshotWorld, type ProjectWorld, type World } from '../../snapshot/testing/snapshot-world.ts'
import {
  type PullDeps,
  type PullOutcome,
  type PullRequest,
  type PullStep,
  pullProject,
  resumePull,
} from '../pull-project.ts'
import { DiskRemote } from './disk-remote.ts'

export interface PullWorld {
  base: World
  ana: Actor
  /** A linked project without a file, and its remote without a commit. */
  linked(): Promise<LinkedProject>
  /** One that holds these files on both sides. */
  shared(files: Record<string, string | Buffer>): Promise<LinkedProject>
  close(): Promise<void>
}

type TestParts = Parameters<typeof buildSnapshotWorld>[0]

export async function buildPullWorld(test: TestParts, documents: LiveDocuments): Promise<PullWorld> {
  const base = buildSnapshotWorld(test)
  const merge = new GitTextMerge({
    searchPath: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    directory: join(base.folder, 'merge'),
  })
  const ana = await base.person('Ana')
  const linked = async () => {
    const project = await base.project()
    const remote = new DiskRemote(join(base.folder, `remote-${randomUUID()}`))
    const number = Math.floor(Math.random() * 2 ** 40)
    await base.database.inWorkspace(project.key.workspaceId, (tx) =>
      githubLinkQueries.insertGithubLink(tx, {
        ...project.key,
        installationId: number,
        repositoryId: number,
        fullName: 'ana/notes',
        htmlUrl: 'https://github.example/ana/notes',
        branch: 'main',
        directory: '',
        mode: 'direct_commit',
        defaultBranch: 'main',
        createdBy: ana.userId,
      }),
    )
    const deps: Omit<PullDeps, 'remote'> = {
      db: base.database,
      git: base.store,
      snapshot: base.deps,
      documents,
      merge,
      logFault: () => {},
    }
    return new LinkedProject(base, project, remote, deps)
  }
  const shared = async (files: Record<string, string | Buffer>) => {
    const made = await linked()
    made.remote.commit(files)
    await made.pull()
    return made
  }
  return { base, ana, linked, shared, close: async () => base.close() }
}

export class LinkedProject {
  readonly project: ProjectWorld
  readonly remote: DiskRemote
  readonly #base: World
  readonly #deps: Omit<PullDeps, 'remote'>
  #runs = 0

  constructor(base: World, project: ProjectWorld, remote: DiskRemote, deps: Omit<PullDeps, 'remote'>) {
    this.#base = base
    this.project = project
    this.remote = remote
    this.#deps = deps
  }

  async request(more: Partial<PullRequest> = {}): Promise<PullRequest> {
    const { projectId, workspaceId } = this.project.key
    const link = await this.#base.database.inWorkspace(workspaceId, (tx) =>
      githubLinkQueries.findGithubLink(tx, projectId),
    )
    if (link === null) throw new Error('the project is not linked')
    const theirs = this.remote.head()
    const from = more.branch === undefined || more.branch === 'main' ? 'tracked' : 'rolling'
    const request = { link, fullName: link.fullName, branch: 'main', from, theirs, mergedHead: null } as const
    return { ...request, operation: randomUUID(), ...more }
  }

  /** Pulls the head of the remote. */
  async pull(
    more: Partial<PullRequest> = {},
    deps: Partial<PullDeps> = {},
    signal = new AbortController().signal,
  ): Promise<PullOutcome> {
    const request = await this.request(more)
    return pullProject({ ...this.#deps, remote: this.remote, ...deps }, this.project.key, request, signal)
  }

  /** As `pull`, for those that are expected to be merged. */
  async merged(more: Partial<PullRequest> = {}, deps: Partial<PullDeps> = {}) {
    const outcome = await this.pull(more, deps)
    if (outcome.state !== 'merged') throw new Error(`the pull was not merged: ${JSON.stringify(outcome)}`)
    return outcome
  }

  resume(deps: Partial<PullDeps> = {}): Promise<PullOutcome | null> {
    return resumePull({ ...this.#deps, ...deps }, this.project.key, new AbortController().signal)
  }

  /** The live text of a file. */
  async text(path: string): Promise<string> {
    const file = await this.#find(path)
    const live = await this.#deps.documents.read([file.documentId])
    return live.get(file.documentId)?.text ?? ''
  }

  /** Edits a live text as a person. */
  async edit(by: UserId | ActorKey, path: string, change: (text: string) => string): Promise<void> {
    const { documentId } = await this.#find(path)
    const actor = by.includes(':') ? (by as ActorKey) : personToActorKey(by as UserId)
    const live = (await this.#deps.documents.read([documentId])).get(documentId)
    if (!live) throw new Error(`${path} cannot be read`)
    const outcome = await this.#deps.documents.write({
      document: documentId,
      writer: { actor, run: `edit ${++this.#runs} ${randomUUID()}` },
      read: live.revision,
      wanted: { text: change(live.text) },
      waitMs: 0,
      isRetry: false,
      checkRight: async () => {},
    })
    if (outcome.outcome !== 'written') throw new Error(`${path} was not written: ${outcome.outcome}`)
  }

  async #find(path: string) {
    const file = (await this.project.documents()).get(path)
    if (!file) throw new Error(`there is no text ${path}`)
    return file
  }

  async idOf(path: string): Promise<FileId> {
    const file = (await this.project.files()).find((row) => row.path === path)
    if (!file) throw new Error(`there is no file ${path}`)
    return file.id
  }

  /** Paths of the live tree. */
  async paths(): Promise<string[]> {
    return (await this.project.files()).map(({ path }) => path).sort()
  }

  /** What waits for people. */
  conflicts(): Promise<{ kind: string; what: string; path: string; state: string; choice: string | null }[]> {
    return this.project.ask(
      'select kind, what, path, state, choice from conflict where project_id = $1 order by path, what, id',
    )
  }

  /** Sends our head to the remote, as a push that GitHub took. */
  async push(): Promise<Oid> {
    const head = (await this.project.head()) as Oid
    await this.#base.store.withDirectory(this.project.key, async (directory) => this.remote.receive(directory, head))
    await this.#base.test.ask('update github_link set merged_oid = $2, remote_oid = $2 where project_id = $1', [
      this.project.key.projectId,
      head,
    ])
    return head
  }

  tree(commit: string): Promise<string> {
    return this.project.git('ls-tree', '-r', '--full-tree', commit)
  }
}

/** Throws when a pull reaches a step for the nth time, as a kill would. */
export function killPullAt(step: PullStep, nth = 1) {
  let reached = 0
  return {
    onStep: (at: PullStep) => {
      if (at === step && ++reached === nth) throw new Error(`killed at ${step}`)
    },
  }
}
