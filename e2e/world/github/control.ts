/** The test's own door, under `/_control`: makes installations and repositories, changes the weather, and tells what happened. */
import { rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerJson, readJson } from './answers.ts'
import {
  commitFiles,
  createBare,
  deleteBare,
  type RemoteFile,
  readPushes,
  readRef,
  renameRef,
  setHead,
} from './bare.ts'
import { holdFile, limits } from './git-door.ts'
import {
  fullName,
  type Installation,
  nextId,
  type Outage,
  type RateLimit,
  type Repository,
  type World,
} from './state.ts'

type Body = Record<string, unknown>
type Answer = (world: World, body: Body, id: number) => Promise<unknown> | unknown

const commands: Record<string, Answer> = {
  'GET app': (world) => ({ appId: world.appId, slug: world.slug, privateKey: world.privateKey }),
  'POST installations': createInstallation,
  'PATCH installations/:id': (world, body, id) => Object.assign(installationOf(world, id), body),
  'DELETE installations/:id': (world, _body, id) => ({ deleted: world.installations.delete(id) }),
  'POST repositories': createRepository,
  'GET repositories/:id': (world, _body, id) => repositoryOf(world, id),
  'PATCH repositories/:id': changeRepository,
  'DELETE repositories/:id': deleteRepository,
  'POST repositories/:id/commits': commit,
  'GET repositories/:id/pushes': (world, _body, id) => readPushes(world, id),
  'POST repositories/:id/ref': async (world, body, id) => ({ oid: await readRef(world, id, String(body.ref)) }),
  'POST tokens/expire': expireTokens,
  'PUT outage': (world, body) => {
    world.outage = body.outage ? { on: 'all', status: 503, ...(body.outage as Partial<Outage>) } : null
  },
  'PUT rate-limit': (world, body) => {
    world.rateLimit = (body.rateLimit ?? null) as RateLimit | null
  },
  'PUT clock': (world, body) => {
    world.clockOffsetMs = Number(body.offsetMs)
  },
  'PUT limits': (_world, body) => {
    limits.fileBytesMax = Number(body.fileBytesMax)
  },
  'PUT hold-pushes': async (world, body) => {
    if (body.held === true) await writeFile(holdFile(world), '')
    else await rm(holdFile(world), { force: true })
  },
  'GET calls': (world) => world.calls,
}

/** Answers one call of a test; `path` is what follows `/_control/`. */
export async function answerControl(
  world: World,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = Number(/\d+/.exec(path)?.[0] ?? 0)
  const command = commands[`${request.method} ${path.replace(/\d+/, ':id')}`]
  if (command === undefined)
    return answerJson(world, response, 501, { message: `no control ${request.method} ${path}` })
  try {
    answerJson(world, response, 200, (await command(world, await readJson(request), id)) ?? {})
  } catch (error) {
    answerJson(world, response, 400, { message: String(error) })
  }
}

function installationOf(world: World, id: number): Installation {
  const installation = world.installations.get(id)
  if (installation === undefined) throw new Error(`no installation ${id}`)
  return installation
}

function repositoryOf(world: World, id: number): Repository {
  const repository = world.repositories.get(id)
  if (repository === undefined) throw new Error(`no repository ${id}`)
  return repository
}

function createInstallation(world: World, body: Body): Installation {
  const defaults: Installation = {
    id: nextId(world),
    account: 'acme',
    permissions: { contents: 'write' },
    repositoryIds: [],
    suspended: false,
  }
  const installation: Installation = { ...defaults, ...body }
  world.installations.set(installation.id, installation)
  return installation
}

/** `{installationId, name, owner?, private?, defaultBranch?, files?}` → the repository; with files it has a first commit. */
async function createRepository(world: World, body: Body): Promise<Repository> {
  const { installationId, files, ...settings } = body
  const defaults: Repository = {
    id: nextId(world),
    owner: 'acme',
    name: 'site',
    defaultBranch: 'main',
    private: true,
    archived: false,
    formerNames: [],
    protectedBranches: {},
    rules: {},
    allowForcePushes: false,
  }
  const repository: Repository = { ...defaults, ...settings }
  await createBare(world, repository.id, repository.defaultBranch)
  world.repositories.set(repository.id, repository)
  if (installationId !== undefined) installationOf(world, Number(installationId)).repositoryIds.push(repository.id)
  if (Array.isArray(files))
    await commitFiles(world, repository.id, repository.defaultBranch, files as RemoteFile[], 'First commit', true)
  return repository
}

/** Renames, transfers, protects, archives; a new default branch takes the old one's commits with it, as on GitHub's settings page. */
async function changeRepository(world: World, body: Body, id: number): Promise<Repository> {
  const repository = repositoryOf(world, id)
  const before = { name: fullName(repository), branch: repository.defaultBranch }
  Object.assign(repository, body)
  if (fullName(repository) !== before.name) repository.formerNames.push(before.name)
  if (repository.defaultBranch !== before.branch) {
    await renameRef(world, id, `refs/heads/${before.branch}`, `refs/heads/${repository.defaultBranch}`)
    await setHead(world, id, repository.defaultBranch)
  }
  return repository
}

async function deleteRepository(world: World, _body: Body, id: number): Promise<unknown> {
  world.repositories.delete(id)
  for (const installation of world.installations.values())
    installation.repositoryIds = installation.repositoryIds.filter((other) => other !== id)
  await deleteBare(world, id)
  return {}
}

async function commit(world: World, body: Body, id: number): Promise<unknown> {
  const branch = String(body.branch ?? repositoryOf(world, id).defaultBranch)
  const files = body.files as RemoteFile[]
  return {
    oid: await commitFiles(
      world,
      id,
      branch,
      files,
      String(body.message ?? 'Change on GitHub'),
      body.fromScratch === true,
    ),
  }
}

function expireTokens(world: World): unknown {
  for (const token of world.tokens.values()) token.expiresAt = 0
  return { expired: world.tokens.size }
}
