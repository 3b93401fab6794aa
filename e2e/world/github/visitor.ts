/** A client of the stand-in for its own tests: calls of the API, Git at its door, and pushes, with credentials of every kind. */
import { execFile } from 'node:child_process'
import { createSign } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Github, startGithub } from './client.ts'

const run = promisify(execFile)

/** What a provocation saw: a status and the words of an HTTP answer, or what `git push` printed. */
export interface Seen {
  status: number
  text: string
  headers?: Headers
}

/** An installation with one repository. */
export interface Place {
  installationId: number
  repositoryId: number
  name: string
}

export const seconds = () => Math.floor(Date.now() / 1000)

export interface Visitor {
  github: Github
  jwt(claims?: Record<string, unknown>, key?: string): string
  api(
    method: string,
    path: string,
    credential: string | null,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Seen>
  mintToken(place: Place, permissions?: Record<string, string>): Promise<string>
  /** With a first commit, unless `files` is null. */
  makePlace(settings?: Record<string, unknown>, permissions?: Record<string, string>): Promise<Place>
  gitDoor(place: Place, password: string | null, service?: string): Promise<Seen>
  /** Clones into a new folder and gives its path. */
  clone(place: Place, token: string): Promise<string>
  git(directory: string, ...args: string[]): Promise<string>
  /** Clones, commits one file, and pushes with more arguments of `git push`; the text is what Git printed of a refusal or a success. */
  push(place: Place, token: string, file: { path: string; text: string }, ...more: string[]): Promise<Seen>
  end(): Promise<void>
}

export const everyPermission = {
  contents: 'write',
  pull_requests: 'write',
  administration: 'write',
  workflows: 'write',
} as const

/** Starts a stand-in and a folder for clones; `end` takes both away. */
export async function visitGithub(): Promise<Visitor> {
  const github = await startGithub()
  const work = await mkdtemp(join(tmpdir(), 'visitor-'))

  const jwt: Visitor['jwt'] = (claims = {}, key = github.privateKey) => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const times = { iat: seconds() - 30, exp: seconds() + 300, iss: github.appId }
    const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ ...times, ...claims })}`
    return `${signed}.${createSign('sha256').update(signed).sign(key, 'base64url')}`
  }

  const api: Visitor['api'] = async (method, path, credential, body, headers = {}) => {
    const answer = await fetch(`${github.apiUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        'user-agent': 'test',
        ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, text: await answer.text(), headers: answer.headers }
  }

  const git: Visitor['git'] = async (directory, ...args) => {
    const person = {
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@b',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@b',
    }
    const base = { PATH: process.env.PATH ?? '', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
    const env = { ...base, GIT_TERMINAL_PROMPT: '0', ...person }
    const { stdout, stderr } = await run('git', args, { cwd: directory, env, maxBuffer: 64 * 1_048_576 })
    return args[0] === 'push' ? stderr : stdout.trim()
  }

  const clone: Visitor['clone'] = async (place, token) => {
    const directory = await mkdtemp(join(work, 'clone-'))
    const address = `${github.gitUrl.replace('://', `://x-access-token:${token}@`)}/${place.name}.git`
    await git(directory, 'clone', '-q', address, '.')
    return directory
  }

  return {
    github,
    jwt,
    api,
    git,
    clone,
    async mintToken(place, permissions = { contents: 'write' }) {
      const answer = await api('POST', `/app/installations/${place.installationId}/access_tokens`, jwt(), {
        repository_ids: [place.repositoryId],
        permissions,
      })
      return (JSON.parse(answer.text) as { token: string }).token
    },
    async makePlace(settings = {}, permissions = { contents: 'write' }) {
      const installation = await github.control<{ id: number }>('POST', 'installations', { permissions })
      const name = `repo-${installation.id}`
      const files = [{ path: 'a.txt', content: 'one\n' }]
      const body = { installationId: installation.id, name, files, ...settings }
      const repository = await github.control<{ id: number }>('POST', 'repositories', body)
      return { installationId: installation.id, repositoryId: repository.id, name: `acme/${name}` }
    },
    async gitDoor(place, password, service = 'git-receive-pack') {
      const headers: Record<string, string> = {}
      if (password !== null)
        headers.authorization = `Basic ${Buffer.from(`x-access-token:${password}`).toString('base64')}`
      const url = `${github.gitUrl}/${place.name}.git/info/refs?service=${service}`
      const answer = await fetch(url, { headers, redirect: 'manual' })
      return { status: answer.status, text: await answer.text(), headers: answer.headers }
    },
    async push(place, token, file, ...more) {
      const directory = await clone(place, token)
      const script = 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1"'
      await run('sh', ['-c', script, 'sh', file.path, file.text], { cwd: directory })
      await git(directory, 'add', '-A')
      await git(directory, 'commit', '-qm', 'change')
      try {
        const text = await git(directory, 'push', 'origin', ...(more.length === 0 ? ['HEAD'] : more))
        return { status: 200, text }
      } catch (error) {
        return { status: 200, text: String((error as { stderr: string }).stderr) }
      }
    },
    async end() {
      await github.stop()
      await rm(work, { recursive: true, force: true })
    },
  }
}
