/**
 * One day of the simulation, from one seed: people type, a worker makes commits, pulls and pushes and is killed between any two things that it does, and
 * at GitHub somebody else commits, forces, merges, protects, renames, or nobody answers. At its end everything is healed, and nothing may be missing.
 */
import { type Database, githubLinkQueries, outboxQueries } from '@skein/db'
import type { TestDatabase } from '@skein/db/testing'
import { type DocumentId, type FileId, SKEIN, type SyncMode, type UserId } from '@skein/protocol'
import { addPerson } from '../../collab/testing/fixtures.ts'
import { startCollab, type TestCollab } from '../../collab/testing/server.ts'
import { readTruth } from '../../collab/testing/truth.ts'
import type { LiveDocuments } from '../../commands/live-documents.ts'
import { buildSnapshotWorld, type ProjectWorld } from '../../commands/snapshot/testing/snapshot-world.ts'
import type { Actor } from '../../policies/actor.ts'
import type { TestGithub } from '../world.ts'
import { Killed, Life } from './mortal.ts'
import { SimulatedPerson } from './people.ts'
import { SimulatedRemote } from './remote.ts'
import { below, type Chance, oneOf } from './text-changes.ts'
import { WordBook } from './word-book.ts'
import { SimulatedWorker } from './worker.ts'

export interface DayParts {
  test: TestDatabase
  github: TestGithub
  folder: string
  /** The folder of the repository that the project is; default: the whole of it. */
  directory?: string
}

/** What happens, with how often. */
const happenings = {
  type: 34,
  sync: 18,
  snapshot: 8,
  remoteCommit: 10,
  kill: 8,
  changeTree: 5,
  hint: 4,
  mergePull: 3,
  force: 1.5,
  protect: 2,
  switchMode: 2,
  outage: 3,
  rename: 1,
  decide: 3,
  restart: 1,
  repack: 2,
} as const
export type Happening = keyof typeof happenings

export class Day {
  readonly chance: Chance
  readonly book = new WordBook()
  /** Calls at which a worker was killed. */
  readonly killedAt: string[] = []
  /** What workers failed with that no kill explains. */
  readonly faults: unknown[] = []
  /** What happened, in order, for whoever looks at a day that went wrong. */
  readonly log: string[] = []
  readonly #parts: DayParts
  project!: ProjectWorld
  remote!: SimulatedRemote
  people: SimulatedPerson[] = []
  #actor!: Actor
  #collab!: TestCollab
  #worker!: SimulatedWorker
  #paths = 0

  constructor(parts: DayParts, chance: Chance) {
    this.#parts = parts
    this.chance = chance
  }

  get #directory(): string {
    return this.#parts.directory ?? ''
  }

  /** Where GitHub has a path of the project. */
  #inRepository(path: string): string {
    return this.#directory === '' ? path : `${this.#directory}/${path}`
  }

  get #database(): Database {
    return this.#parts.test.database
  }

  async begin(): Promise<void> {
    const { test, github, folder } = this.#parts
    const world = buildSnapshotWorld(test)
    this.project = await world.project()
    this.#collab = await startCollab(test.database)
    for (const name of ['Ana', 'Ben']) {
      const person = await addPerson(test.ask, this.project.key, name, 'editor')
      this.people.push(new SimulatedPerson(person, this.book, this.#collab.url))
    }
    const [ana] = this.people
    this.#actor = { userId: ana?.person.userId as UserId, name: 'Ana', email: 'ana@example.org', token: null }
    const permissions = { contents: 'write', pull_requests: 'write', metadata: 'read' } as const
    const installation = await github.createInstallation({ permissions })
    const files = ['one.md', 'two.md', 'folder/three.md'].map((path) => ({
      path,
      content: Array.from({ length: 6 }, () => `${this.book.next('remote')} stands here\n`).join(''),
    }))
    const isEmpty = this.chance() < 0.2
    const repository = await github.createRepository({
      installationId: installation.id,
      name: `site-${installation.id}`,
      ...(isEmpty ? {} : { files: files.map((file) => ({ ...file, path: this.#inRepository(file.path) })) }),
    })
    this.remote = new SimulatedRemote(github, repository.id, 'main', this.book, this.#directory)
    // What the first commit of a repository holds is there from the beginning, or never was.
    if (isEmpty) for (const { path, content } of files) await this.project.create(this.#actor, path, content)
    await this.#link(installation.id, repository)
    await this.#newWorker(folder)
  }

  async #link(installationId: number, repository: { id: number; owner: string; name: string }): Promise<void> {
    const mode = oneOf(this.chance, ['direct_commit', 'protected_pr', 'hybrid'] as const)
    await this.#database.inWorkspace(this.project.key.workspaceId, async (tx) => {
      await githubLinkQueries.insertGithubLink(tx, {
        ...this.project.key,
        installationId,
        repositoryId: repository.id,
        fullName: `${repository.owner}/${repository.name}`,
        htmlUrl: 'http://github.test/site',
        branch: 'main',
        defaultBranch: 'main',
        directory: this.#directory,
        mode,
        createdBy: this.#actor.userId,
      })
      await outboxQueries.askCheck(tx, this.project.key.projectId, { reason: 'link' })
    })
  }

  async #newWorker(folder = this.#parts.folder): Promise<void> {
    const { test, github } = this.#parts
    this.#worker = await SimulatedWorker.start(new Life(), {
      database: test.database,
      github,
      documents: this.#documents(),
      folder,
      logFault: (error) => {
        if (!isExpected(error)) this.faults.push(error)
      },
    })
  }

  /** The live documents of the server that runs now. */
  #documents(): LiveDocuments {
    return new Proxy({} as LiveDocuments, {
      get: (_, key) => {
        const documents = this.#collab.collab.liveDocuments
        const value = Reflect.get(documents, key) as unknown
        return typeof value === 'function' ? value.bind(documents) : value
      },
    })
  }

  async step(): Promise<void> {
    const sum = Object.values(happenings).reduce((total, weight) => total + weight, 0)
    let at = this.chance() * sum
    for (const [name, weight] of Object.entries(happenings) as [Happening, number][]) {
      at -= weight
      if (at > 0) continue
      const before = this.book.size
      await this.happen(name)
      const words = before === this.book.size ? '' : `, words ${before + 1} to ${this.book.size}`
      this.log.push(
        `${name}${words}; remote ${(await this.remote.head())?.slice(0, 7)}, here ${(await this.project.head())?.slice(0, 7)}`,
      )
      return
    }
  }

  async happen(what: Happening): Promise<void> {
    const { github } = this.#parts
    const { chance } = this
    switch (what) {
      case 'type':
        return this.#type()
      case 'sync':
        return this.#work((worker) => worker.sync())
      case 'snapshot':
        return this.#work((worker) => worker.snapshot(this.project.key))
      case 'repack':
        return this.#work((worker) => worker.repack(this.project.key, chance() < 0.7 ? 'join' : 'collect'))
      case 'kill':
        this.#worker.life.endAfter(1 + below(chance, 40), chance() < 0.5 ? 'before' : 'after')
        return
      case 'remoteCommit':
        return this.remote.commit(chance)
      case 'force':
        return this.remote.force(chance)
      case 'mergePull':
        await this.remote.mergePull(chance)
        return
      case 'protect':
        await this.remote.protect(chance() < 0.5)
        return
      case 'rename':
        await (chance() < 0.5 ? this.remote.rename() : this.remote.renameBranch())
        return
      case 'outage':
        await github.setOutage(
          chance() < 0.5 ? { on: oneOf(chance, ['api', 'git', 'all'] as const), status: 503 } : null,
        )
        return
      case 'switchMode':
        return this.#switchMode(oneOf(chance, ['direct_commit', 'protected_pr', 'hybrid'] as const))
      case 'hint':
        return this.#hint()
      case 'changeTree':
        return this.#changeTree()
      case 'decide':
        return this.#decideOne(chance() < 0.5 ? 'current' : 'theirs')
      case 'restart':
        return this.#restart()
    }
  }

  async #type(): Promise<void> {
    const documents = [...(await this.project.documents()).values()]
    if (documents.length === 0) return
    const person = oneOf(this.chance, this.people)
    for (let n = 1 + below(this.chance, 3); n > 0; n--) {
      await person.type(this.chance, oneOf(this.chance, documents).documentId)
    }
  }

  /** The worker does something; killed, another one comes, and the leases of the dead one are over. */
  async #work(what: (worker: SimulatedWorker) => Promise<unknown>): Promise<void> {
    const worker = this.#worker
    try {
      await what(worker)
    } catch (error) {
      if (!isExpected(error)) this.faults.push(error)
    }
    if (worker.life.endedAt === null) return
    this.killedAt.push(worker.life.endedAt)
    worker.close()
    await this.#newWorker()
    await this.endLeases()
  }

  /** Time has passed: what dead workers held is free. */
  async endLeases(): Promise<void> {
    const { projectId } = this.project.key
    await this.#parts.test.ask('update outbox set leased_until = null where project_id = $1', [projectId])
    await this.#parts.test.ask(
      'update repository set leased_until = null, packing_until = null where project_id = $1',
      [projectId],
    )
  }

  /** A delivery that came, came twice, or a poll: whatever waits is due now. */
  async #hint(): Promise<void> {
    const { projectId, workspaceId } = this.project.key
    await this.#database.inWorkspace(workspaceId, async (tx) => {
      await outboxQueries.askCheck(tx, projectId, { reason: 'webhook', isDeep: this.chance() < 0.5 })
    })
    await this.#parts.test.ask('update outbox set next_at = now(), not_before = null where project_id = $1', [
      projectId,
    ])
  }

  async #switchMode(mode: SyncMode): Promise<void> {
    const { projectId, workspaceId } = this.project.key
    await this.#database.inWorkspace(workspaceId, (tx) => githubLinkQueries.setSyncMode(tx, projectId, mode, null))
  }

  async #changeTree(): Promise<void> {
    const files = (await this.project.files()).filter(({ kind }) => kind === 'text')
    const file = oneOf(this.chance, files)
    const choice = this.chance()
    try {
      if (!file || choice < 0.4) {
        await this.project.create(this.#actor, `here-${++this.#paths}.md`, `${this.book.next('person')} begins\n`)
      } else if (choice < 0.75) {
        await this.project.move(this.#actor, file.id, `moved-${++this.#paths}.md`)
      } else if (file.documentId !== null && files.length > 2) {
        await this.#delete(file.id, file.documentId)
      }
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
  }

  /** Whoever deletes a file has seen what the server had of it. */
  async #delete(file: FileId, document: DocumentId): Promise<void> {
    await Promise.all(this.people.map((person) => person.untilSaved()))
    const text = (await this.#collab.collab.liveDocuments.read([document], 'look')).get(document)?.text ?? ''
    await this.project.remove(this.#actor, file)
    this.book.saw(text, '')
  }

  /** A person says that a conflict is done: what the other side had stays in its row. */
  async #decideOne(choice: 'current' | 'theirs'): Promise<void> {
    const { projectId } = this.project.key
    // Without the command: what a choice writes has its own tests; here it matters that pushing goes on.
    await this.#parts.test.ask(
      `update conflict set state = 'resolved', choice = 'current', resolved_by = 'skein', resolved_at = now()
       where id in (select id from conflict where project_id = $1 and state = 'open' order by id limit $2)`,
      [projectId, choice === 'current' ? 1 : 3],
    )
  }

  async #restart(): Promise<void> {
    const before = this.#collab
    this.#collab = await startCollab(this.#database)
    await before.stop()
    for (const person of this.people) await person.moveTo(this.#collab.url)
  }

  /** Everything is healed, all is decided, and both sides come together; rounds that it took. */
  async end(): Promise<number> {
    await this.#parts.github.setOutage(null)
    await this.remote.protect(false)
    for (let round = 1; round <= 40; round++) {
      await Promise.all(this.people.map((person) => person.untilSaved()))
      await this.#work((worker) => worker.snapshot(this.project.key))
      await this.unblock()
      await this.#work((worker) => worker.sync())
      if (await this.isTogether()) return round
      if (round > 3) await this.remote.mergePull(this.chance)
    }
    return Number.POSITIVE_INFINITY
  }

  /** Every conflict is decided, and a person asks for both sides to be brought together now. */
  async unblock(): Promise<void> {
    const { projectId, workspaceId } = this.project.key
    const { ask } = this.#parts.test
    await ask(
      `update conflict set state = 'resolved', choice = 'current', resolved_by = $2, resolved_at = now()
       where project_id = $1 and state = 'open'`,
      [projectId, SKEIN],
    )
    await this.#database.inWorkspace(workspaceId, (tx) =>
      outboxQueries.askCheck(tx, projectId, { reason: 'person', isDeep: true }),
    )
    await ask('update outbox set next_at = now(), not_before = null where project_id = $1', [projectId])
  }

  /** Nothing is uncommitted, and GitHub's branch holds the very tree that stands here. */
  async isTogether(): Promise<boolean> {
    const head = await this.project.head()
    const remote = await this.remote.head()
    if (head === null || remote === null || (await this.project.dirty()).length > 0) return false
    const tree = await this.project.git('rev-parse', `${head}^{tree}`)
    return tree.trim() === (await this.remote.tree(remote))
  }

  /** Every text in which a word may stand: live, in the trash, and what each side of a conflict holds. */
  async everyText(): Promise<string[]> {
    const { ask } = this.#parts.test
    const { projectId } = this.project.key
    const documents = await ask<{ id: DocumentId }>('select id from document where project_id = $1', [projectId])
    // From rows: a node may not know yet what another one has just committed.
    const live = await Promise.all(documents.map(async ({ id }) => (await readTruth(ask, id)).text))
    // What was typed into a file that went in that moment is told as not saved, and stays on the page.
    const unsaved = this.people.flatMap((person) => person.unsavedTexts())
    const conflicts = await ask<{ text: string; oids: (string | null)[] }>(
      `select concat(base->>'text', ours->>'text', theirs->>'text') as text,
         case when kind = 'file' then array[base->>'oid', ours->>'oid', theirs->>'oid'] else '{}' end as oids
       from conflict where project_id = $1`,
      [projectId],
    )
    const oids = new Set(conflicts.flatMap((conflict) => conflict.oids.filter((oid) => oid !== null)))
    const blobs = await Promise.all([...oids].map((oid) => this.project.git('cat-file', 'blob', oid).catch(() => '')))
    return [...live, ...unsaved, ...conflicts.map(({ text }) => text), ...blobs]
  }

  async close(): Promise<void> {
    for (const person of this.people) person.close()
    await this.#collab.stop()
    this.#worker.close()
  }
}

const isRefusal = (error: unknown): boolean => (error as Error).name === 'Refusal'

/** A kill, and what is told when somebody else is at work. */
const isExpected = (error: unknown): boolean => error instanceof Killed || isRefusal(error)
