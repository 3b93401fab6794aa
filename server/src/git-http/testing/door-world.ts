/** The Git door over a real database, a real Git store and live documents, and people who clone and push with the real git. */
import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { memberQueries } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import { type Oid, personToActorKey, type Role, type Scope } from '@skein/protocol'
import { afterAll } from 'vitest'
import { createUntrustedGit } from '../../adapters/egress/untrusted-git.ts'
import { GitProgram } from '../../adapters/git/git-program.ts'
import { createPackIntake } from '../../adapters/git/pack-intake.ts'
import { GitTextMerge } from '../../adapters/git/text-merge.ts'
import { startCollab } from '../../collab/testing/server.ts'
import type { ReceiveDeps } from '../../commands/receive/receive-push.ts'
import { PushTurns } from '../../commands/receive/turns.ts'
import { buildSnapshotWorld, type ProjectWorld } from '../../commands/snapshot/testing/snapshot-world.ts'
import { createToken } from '../../commands/tokens/tokens.ts'
import type { Actor } from '../../policies/actor.ts'
import { testSearchPath } from '../../testing/world.ts'
import { createGitDoor, type GitDoorDeps } from '../git-door.ts'

/** What git said, whether or not it was content. */
export interface Said {
  code: number
  said: string
}

/** Call it at the top of a test file. */
export async function createDoorWorld(more: Partial<GitDoorDeps> = {}) {
  const test = await createTestDatabase()
  const collab = await startCollab(test.database)
  const base = buildSnapshotWorld(test)
  const faults: unknown[] = []
  const logFault = (error: unknown) => void faults.push(error)
  const documents = collab.collab.liveDocuments
  const receiving: ReceiveDeps = {
    db: test.database,
    git: base.store,
    snapshot: base.deps,
    documents,
    merge: new GitTextMerge({ searchPath: testSearchPath, directory: path.join(base.folder, 'merge') }),
    logFault,
    intake: createPackIntake(createUntrustedGit(testSearchPath)),
    turns: new PushTurns(),
  }
  const now = () => new Date()
  const git = new GitProgram(testSearchPath)
  const door = createGitDoor({ db: test.database, store: base.store, git, receiving, now, logFault, ...more })
  const server = createServer((incoming, response) => void door.handle(incoming, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await collab.stop()
    base.close()
  })

  const join = (actor: Actor, { key }: ProjectWorld, role: Role) =>
    test.database.inWorkspace(key.workspaceId, (tx) =>
      memberQueries.insertMember(tx, key.workspaceId, actor.userId, role),
    )
  const tokenOf = async (actor: Actor, scopes?: Scope[]): Promise<string> => {
    const deps = { db: test.database, now, randomBytes }
    return (await createToken(deps, actor, { name: 'test', ...(scopes && { scopes }) })).token
  }
  const scratch = () => mkdtempSync(path.join(base.folder, 'client-'))

  /** Address of a project, by the slug of its workspace, or as it is given. */
  const addressOf = async (token: string, { key }: ProjectWorld, where?: string): Promise<string> => {
    const [row] = await test.ask<{ slug: string }>('select slug from workspace where id = $1', [key.workspaceId])
    return `http://me:${token}@127.0.0.1:${port}/git/${where ?? `${row?.slug}/notes`}.git`
  }

  /** The live text of a file. */
  const text = async (project: ProjectWorld, name: string): Promise<string> => {
    const file = (await project.documents()).get(name)
    if (!file) throw new Error(`there is no text ${name}`)
    return (await documents.read([file.documentId])).get(file.documentId)?.text ?? ''
  }

  /** Edits a live text as a person. */
  const edit = async (by: Actor, project: ProjectWorld, name: string, change: (text: string) => string) => {
    const file = (await project.documents()).get(name)
    const live = file && (await documents.read([file.documentId])).get(file.documentId)
    if (!file || !live) throw new Error(`there is no text ${name}`)
    const outcome = await documents.write({
      document: file.documentId,
      writer: { actor: personToActorKey(by.userId), run: `edit ${randomUUID()}` },
      read: live.revision,
      wanted: { text: change(live.text) },
      waitMs: 0,
      isRetry: false,
      checkRight: async () => {},
    })
    if (outcome.outcome !== 'written') throw new Error(`${name} was not written: ${outcome.outcome}`)
  }

  /** A project with these files committed, and a clone of it by its owner. */
  const shared = async (files: Readonly<Record<string, string>>) => {
    const owner = await base.person('Ana')
    const project = await base.project()
    await join(owner, project, 'owner')
    for (const [name, content] of Object.entries(files)) await project.create(owner, name, content)
    await project.snapshot()
    const token = await tokenOf(owner)
    const clone = async (withToken = token) =>
      Clone.of(scratch(), await addressOf(withToken, project, `any/${project.key.projectId}`))
    return { project, owner, token, clone }
  }

  return {
    ...{ base, test, collab, documents, receiving, faults, port },
    ...{ join, tokenOf, scratch, addressOf, text, edit, shared },
  }
}

/** Runs git as somebody's own. */
export async function run(directory: string, ...args: string[]): Promise<Said> {
  const env = { PATH: testSearchPath, HOME: directory, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' }
  const config = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.org', '-c', 'init.defaultBranch=main']
  try {
    const options = { cwd: directory, env: env as never, maxBuffer: 64 * 1_048_576 }
    const { stdout, stderr } = await promisify(execFile)('git', [...config, ...args], options)
    return { code: 0, said: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, said: stdout + stderr }
  }
}

/** A repository on somebody's computer. */
export class Clone {
  readonly directory: string

  private constructor(directory: string) {
    this.directory = directory
  }

  static async of(folder: string, address: string, ...options: string[]): Promise<Clone> {
    const { code, said } = await run(folder, 'clone', '-q', ...options, address, 'copy')
    if (code !== 0) throw new Error(said)
    return new Clone(path.join(folder, 'copy'))
  }

  /** A repository that is there already. */
  static open(directory: string): Clone {
    return new Clone(directory)
  }

  git(...args: string[]): Promise<Said> {
    return run(this.directory, ...args)
  }

  async head(): Promise<Oid> {
    return (await this.git('rev-parse', 'HEAD')).said.trim() as Oid
  }

  /** Commits these contents; null deletes. */
  async commit(files: Readonly<Record<string, string | Buffer | null>>, message = 'Change'): Promise<Oid> {
    for (const [name, content] of Object.entries(files)) {
      if (content === null) await this.git('rm', '-q', '--', name)
      else {
        mkdirSync(path.dirname(path.join(this.directory, name)), { recursive: true })
        writeFileSync(path.join(this.directory, name), content)
      }
    }
    await this.git('add', '-A')
    await this.git('commit', '-q', '--allow-empty', '-m', message)
    return this.head()
  }

  push(...args: string[]): Promise<Said> {
    return this.git('push', ...args)
  }
}
