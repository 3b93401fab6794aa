/**
 * The door for Git clients: `/git/<workspace>/<project>.git`, smart HTTP, user name free, password an API token.
 * Cloning and fetching are served from the disk cache by Git itself; a push is received by ourselves. Refusals are words that Git shows to whoever
 * asked.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Database, repositoryQueries, workspaceQueries } from '@skein/db'
import { Refusal, STATUS_BY_CODE } from '@skein/protocol'
import { type ProjectAccess, requireProject } from '../commands/access.ts'
import type { GitStore } from '../commands/git-store.ts'
import { pushBytesMax } from '../commands/receive/receive-limits.ts'
import { type Push, type ReceiveDeps, receivePush } from '../commands/receive/receive-push.ts'
import { authenticateToken } from '../commands/tokens/authenticate-token.ts'
import type { Actor } from '../policies/actor.ts'
import { requestBytesMax, type StartGit, serveWithGit } from './cgi.ts'
import { type GitRequest, readGitRequest, readToken } from './git-request.ts'
import { encodeLine } from './pkt-line.ts'
import { answerPush, encodeGreeting } from './receive-pack.ts'
import { RequestBrokenOffError, RequestTooLargeError, readBody } from './request-body.ts'
import { readWanted } from './wanted.ts'

export interface GitDoorDeps {
  db: Database
  store: Pick<GitStore, 'withDirectory' | 'findHidden'>
  git: StartGit
  /** How pushes are merged. */
  receiving: ReceiveDeps
  now: () => Date
  logFault: (error: unknown, about: object) => void
  /** Clones and fetches that are served at once; default 32. */
  servedMax?: number
}

export interface GitDoor {
  readonly door: 'git'
  takes(path: string): boolean
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}

const silenceMsMax = 60_000
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function createGitDoor(deps: GitDoorDeps): GitDoor {
  const { servedMax = 32 } = deps
  const clones = new Places(servedMax, 'Many clones are being served. Try again in a minute.')
  return {
    door: 'git',
    takes: (path) => path.startsWith('/git/'),
    handle: async (request, response) => {
      try {
        const asked = readGitRequest(request)
        if (!asked) throw new Refusal('not-found', 'There is no Git repository at this address.')
        const { actor, project } = await admit(deps, asked, request.headers.authorization)
        if (asked.service === 'upload-pack') {
          await clones.take(() => serveClone(deps, project, asked, request, response))
        } else if (asked.part === 'refs') await greetPush(deps, project, response)
        else {
          const receive = (push: Push) => receivePush(deps.receiving, project, actor, push)
          const onFault = (error: unknown) => deps.logFault(error, { door: 'git', project: project.projectId })
          await deps.receiving.turns.admit(actor.userId, () =>
            answerPush({ packBytesMax: pushBytesMax, receive, onFault }, request, response),
          )
        }
      } catch (error) {
        answerError(deps, error, response)
      }
    },
  }
}

/** So many at once, and no more. */
class Places {
  readonly #max: number
  readonly #words: string
  #taken = 0

  constructor(max: number, words: string) {
    this.#max = max
    this.#words = words
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken >= this.#max) throw new Refusal('unavailable', this.#words)
    this.#taken++
    try {
      return await work()
    } finally {
      this.#taken--
    }
  }
}

/** Who asks, and whether they may. A push writes texts and makes commits, so it needs both rights. */
async function admit(
  deps: GitDoorDeps,
  asked: GitRequest,
  authorization: string | undefined,
): Promise<{ actor: Actor; project: ProjectAccess }> {
  const token = readToken(authorization)
  if (token === null) {
    throw new Refusal('unauthenticated', 'Use any user name, and an API token of Skein as the password.')
  }
  const tx = deps.db.instance
  const actor = await authenticateToken(tx, token, deps.now())
  const reference = await toReference(tx, actor, asked)
  const project = await requireProject(tx, actor, reference, 'read-git')
  if (asked.service === 'receive-pack') {
    await requireProject(tx, actor, reference, 'commit')
    await requireProject(tx, actor, reference, 'write-documents')
  }
  return { actor, project }
}

/** A clone or a fetch, of what branches reach and of nothing else. */
async function serveClone(
  { store, git }: GitDoorDeps,
  project: ProjectAccess,
  asked: GitRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const limits = { bytesMax: requestBytesMax, silenceMsMax }
  const body = asked.part === 'refs' ? Buffer.alloc(0) : Buffer.concat(await Array.fromAsync(readBody(request, limits)))
  const hidden = await store.findHidden(project, readWanted(body))
  if (hidden !== null) {
    response.writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-result', 'Cache-Control': 'no-cache' })
    response.end(encodeLine(`ERR upload-pack: not our ref ${hidden}`))
    return
  }
  await store.withDirectory(project, (directory) => serveWithGit(git, directory, asked, request, body, response))
}

/** The greeting of a push, from rows: what a client builds its pack against is what it will be compared with. */
async function greetPush({ db }: GitDoorDeps, project: ProjectAccess, response: ServerResponse): Promise<void> {
  const found = await db.inWorkspace(project.workspaceId, (tx) => repositoryQueries.findRefs(tx, project.projectId), {
    readOnly: true,
  })
  const shown = (found?.refs ?? []).filter(({ name }) => name.startsWith('refs/heads/'))
  response.writeHead(200, {
    'Content-Type': 'application/x-git-receive-pack-advertisement',
    'Cache-Control': 'no-cache',
  })
  response.end(encodeGreeting(shown))
}

/** Names the project by its id, or by both slugs; a workspace may be given by its id too. */
async function toReference(
  tx: Database['instance'],
  actor: Actor,
  { workspace, project }: GitRequest,
): Promise<string> {
  if (uuid.test(project)) return project
  if (!uuid.test(workspace)) return `${workspace}/${project}`
  const found = await workspaceQueries.findWorkspaceOf(tx, actor.userId, workspace)
  return `${found?.slug ?? workspace}/${project}`
}

function answerError(deps: GitDoorDeps, error: unknown, response: ServerResponse): void {
  // Whoever breaks off hears nothing, and it is nobody's fault.
  if (error instanceof RequestBrokenOffError) {
    response.destroy()
    return
  }
  if (response.headersSent || response.destroyed) {
    // The client sees a cut answer and says so; a client that went away is nobody's fault.
    if (!response.destroyed) deps.logFault(error, { door: 'git' })
    response.destroy()
    return
  }
  answerRefusal(toRefusal(deps, error), response)
}

function toRefusal(deps: GitDoorDeps, error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof RequestTooLargeError) return new Refusal('body-too-large', 'This request is too large.')
  deps.logFault(error, { door: 'git' })
  return new Refusal('internal-error', 'Something went wrong on the server. Nothing that was saved is lost. Try again.')
}

/** Plain text, which Git shows line by line after `remote:`. */
function answerRefusal(refusal: Refusal, response: ServerResponse): void {
  const status = STATUS_BY_CODE[refusal.code]
  if (status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="Skein", charset="UTF-8"')
  if (status === 503) response.setHeader('Retry-After', '30')
  const lines = refusal.hint ? [refusal.message, refusal.hint] : [refusal.message]
  // What the client is still sending is not read: the connection ends with the answer.
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    Connection: 'close',
  })
  response.end(`${lines.join('\n')}\n`)
}
