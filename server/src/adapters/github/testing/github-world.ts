/** What tests of this folder need around them: the stand-in for GitHub, repositories on it, and commits of our own. */
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, request as requestHttp, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Oid } from '@skein/protocol'
import { afterAll } from 'vitest'
import type { GithubPlace } from '../../../commands/github/github-host.ts'
import { createTestFolder, git, startGithub, testSearchPath } from '../../../testing/world.ts'
import { createUntrustedGit, type UntrustedGit } from '../../egress/untrusted-git.ts'
import { GithubGitRemote } from '../git-remote.ts'
import type { Quota } from '../installation-calls.ts'
import { InstallationTokens, type InstallationTokensOptions } from '../installation-tokens.ts'
import { GithubRestApi } from '../rest-api.ts'

export const quiet = new AbortController().signal
const fullPermissions = { contents: 'write', pull_requests: 'write', workflows: 'write' }

export interface TestRepository extends GithubPlace {
  fullName: string
}

export interface TestFile {
  path: string
  content: string
}

interface HostSettings {
  apiUrl?: string
  gitUrl?: string
  readApp?: InstallationTokensOptions['readApp']
  git?: UntrustedGit
}

/** An empty GitHub, and a folder, until the tests of the file are over. */
export async function createGithubWorld() {
  const folder = await createTestFolder()
  const github = await startGithub()
  const { control } = github

  /** The adapters as the product makes them, with caches of their own. */
  function createHost(more: HostSettings = {}) {
    const { apiUrl, gitUrl, readApp } = { readApp: async () => github.app, ...github, ...more }
    const quotas: [number, Quota][] = []
    const tokens = new InstallationTokens({ apiUrl, readApp })
    const gitProgram = more.git ?? createUntrustedGit(testSearchPath)
    return {
      remote: new GithubGitRemote({ gitUrl, git: gitProgram, tokens }),
      api: new GithubRestApi({ apiUrl, tokens, onQuota: (id, quota) => quotas.push([id, quota]) }),
      quotas,
    }
  }

  async function makeRepository(
    settings: Record<string, unknown> = {},
    permissions: Record<string, string> = fullPermissions,
  ): Promise<TestRepository> {
    const { id: installationId } = await control<{ id: number }>('POST', 'installations', { permissions })
    const body = { installationId, name: `repo-${installationId}`, ...settings }
    const made = await control<{ id: number; owner: string; name: string }>('POST', 'repositories', body)
    return { installationId, repositoryId: made.id, fullName: `${made.owner}/${made.name}` }
  }

  /** A commit made on GitHub's own pages; with `more.branch` on another branch, with `more.fromScratch` by force. */
  async function commitThere({ repositoryId }: GithubPlace, files: TestFile[], more: object = {}): Promise<Oid> {
    const { oid } = await control<{ oid: Oid }>('POST', `repositories/${repositoryId}/commits`, { files, ...more })
    return oid
  }

  /** A bare repository with one commit for each list of files. */
  async function makeCommits(...versions: TestFile[][]): Promise<{ directory: string; oids: Oid[] }> {
    const work = path.join(folder, `work-${Math.random().toString(36).slice(2)}`)
    await git(folder, 'init', '-q', '-b', 'main', work)
    const oids: Oid[] = []
    for (const files of versions) {
      for (const file of files) {
        await mkdir(path.dirname(path.join(work, file.path)), { recursive: true })
        await writeFile(path.join(work, file.path), file.content)
      }
      await git(work, 'add', '-A')
      await git(work, 'commit', '-qm', 'Change')
      oids.push((await git(work, 'rev-parse', 'HEAD')) as Oid)
    }
    return { directory: path.join(work, '.git'), oids }
  }

  /** An empty bare repository; with `borrows` it finds the objects of another one, too. */
  async function makeBare(borrows?: string): Promise<string> {
    const directory = path.join(folder, `bare-${Math.random().toString(36).slice(2)}.git`)
    await git(folder, 'init', '-q', '--bare', directory)
    if (borrows !== undefined) {
      await writeFile(path.join(directory, 'objects/info/alternates'), `${path.join(borrows, 'objects')}\n`)
    }
    return directory
  }

  return {
    folder,
    github,
    control,
    createHost,
    makeRepository,
    commitThere,
    makeCommits,
    makeBare,
    /** Calls that reached GitHub since the last look: `METHOD path status`. */
    calls: createCallCounter(control),
  }
}

function createCallCounter(control: <T>(method: string, path: string) => Promise<T>) {
  let seen = 0
  return async (): Promise<string[]> => {
    const all = await control<string[]>('GET', 'calls')
    const fresh = all.slice(seen)
    seen = all.length
    return fresh
  }
}

/** What a server in the middle does with the answers that pass: gives other bytes, or null to cut the connection. */
export type Meddle = (about: { url: string; body: string; bytes: Buffer }) => Buffer | null | Promise<Buffer | null>

/** A server in front of another one that meddles with its answers, until the tests of the file are over; gives its address. */
export async function startMeddler(target: string, meddle: Meddle): Promise<string> {
  const server: Server = createServer(async (incoming, outgoing) => {
    const body = Buffer.concat(await incoming.toArray())
    const url = incoming.url ?? '/'
    const { host: _, ...headers } = incoming.headers
    const asked = requestHttp(`${target}${url}`, { method: incoming.method, headers }, async (answer) => {
      const bytes = Buffer.concat(await answer.toArray())
      const changed = await meddle({ url, body: body.toString('latin1'), bytes })
      const { 'transfer-encoding': _chunked, 'content-length': _length, ...kept } = answer.headers
      if (changed !== null) outgoing.writeHead(answer.statusCode ?? 502, kept).end(changed)
      else {
        outgoing.writeHead(answer.statusCode ?? 502, { ...kept, 'content-length': bytes.length })
        outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.destroy())
      }
    })
    asked.end(body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
