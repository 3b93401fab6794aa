/**
 * The door for Git clients: `/git/<workspace>/<project>.git`, smart HTTP, user name free, password an API token.
 * Cloning and fetching are served from the disk cache by Git itself. Pushing is refused in words that Git shows to
 * whoever pushes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Tx, workspaceQueries } from '@skein/db'
import { Refusal, STATUS_BY_CODE } from '@skein/protocol'
import { type ProjectAccess, requireProject } from '../commands/access.ts'
import type { GitStore } from '../commands/git-store.ts'
import { authenticateToken } from '../commands/tokens/authenticate-token.ts'
import type { Actor } from '../policies/actor.ts'
import { RequestTooLargeError, type StartGit, serveWithGit } from './cgi.ts'
import { type GitRequest, readGitRequest, readToken } from './git-request.ts'

export interface GitDoorDeps {
  /** `db.instance`: no workspace is known yet. */
  tx: Tx
  store: Pick<GitStore, 'withDirectory'>
  git: StartGit
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

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function createGitDoor(deps: GitDoorDeps): GitDoor {
  const { servedMax = 32 } = deps
  let served = 0
  return {
    door: 'git',
    takes: (path) => path.startsWith('/git/'),
    handle: async (request, response) => {
      try {
        const asked = readGitRequest(request)
        if (!asked) throw new Refusal('not-found', 'There is no Git repository at this address.')
        const project = await admit(deps, asked, request.headers.authorization)
        if (served >= servedMax)
          throw new Refusal('unavailable', 'Many clones are being served. Try again in a minute.')
        served++
        try {
          await deps.store.withDirectory(project, (directory) =>
            serveWithGit(deps.git, directory, asked, request, response),
          )
        } finally {
          served--
        }
      } catch (error) {
        answerError(deps, error, response)
      }
    },
  }
}

/** Who asks, and whether they may; a push is refused only after that, so that it tells nothing to strangers. */
async function admit(deps: GitDoorDeps, asked: GitRequest, authorization: string | undefined): Promise<ProjectAccess> {
  const token = readToken(authorization)
  if (token === null) {
    throw new Refusal('unauthenticated', 'Use any user name, and an API token of Skein as the password.')
  }
  const actor = await authenticateToken(deps.tx, token, deps.now())
  const project = await requireProject(deps.tx, actor, await toReference(deps.tx, actor, asked), 'read-git')
  if (asked.service === 'receive-pack') {
    throw new Refusal('forbidden', 'Skein does not take pushes. Your commits are safe on your computer.', {
      hint: 'Edit the files in Skein, or push to the GitHub repository that the project is linked to.',
    })
  }
  return project
}

/** Names the project by its id, or by both slugs; a workspace may be given by its id too. */
async function toReference(tx: Tx, actor: Actor, { workspace, project }: GitRequest): Promise<string> {
  if (uuid.test(project)) return project
  if (!uuid.test(workspace)) return `${workspace}/${project}`
  const found = await workspaceQueries.findWorkspaceOf(tx, actor.userId, workspace)
  return `${found?.slug ?? workspace}/${project}`
}

function answerError(deps: GitDoorDeps, error: unknown, response: ServerResponse): void {
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
