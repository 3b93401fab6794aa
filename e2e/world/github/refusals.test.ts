import { execFile } from 'node:child_process'
import { createSign, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Github, startGithub } from './client.ts'
import { type RefusalName, refusals } from './refusals.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const run = promisify(execFile)

/** What a provocation saw: a status and the words of an HTTP answer, or what `git push` printed. */
interface Seen {
  status: number
  text: string
}

let github: Github
let folder: string
let work: string

interface Place {
  installationId: number
  repositoryId: number
  name: string
}

const seconds = () => Math.floor(Date.now() / 1000)

function jwt(claims: Record<string, unknown> = {}, key = github.privateKey): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: seconds() - 30, exp: seconds() + 300, iss: github.appId, ...claims })}`
  return `${signed}.${createSign('sha256').update(signed).sign(key, 'base64url')}`
}

async function api(
  method: string,
  path: string,
  credential: string | null,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Seen> {
  const answer = await fetch(`${github.apiUrl}${path}`, {
    method,
    headers: {
      'user-agent': 'test',
      ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, text: await answer.text() }
}

async function mintToken(place: Place, permissions: Record<string, string> = { contents: 'write' }): Promise<string> {
  const answer = await api('POST', `/app/installations/${place.installationId}/access_tokens`, jwt(), {
    repository_ids: [place.repositoryId],
    permissions,
  })
  return (JSON.parse(answer.text) as { token: string }).token
}

/** An installation with one repository that has a first commit. */
async function makePlace(
  settings: Record<string, unknown> = {},
  permissions: Record<string, string> = { contents: 'write' },
): Promise<Place> {
  const installation = await github.control<{ id: number }>('POST', 'installations', { permissions })
  const name = `repo-${installation.id}`
  const body = { installationId: installation.id, name, files: [{ path: 'a.txt', content: 'one\n' }], ...settings }
  const repository = await github.control<{ id: number }>('POST', 'repositories', body)
  return { installationId: installation.id, repositoryId: repository.id, name: `acme/${name}` }
}

async function gitDoor(place: Place, password: string | null, service = 'git-receive-pack'): Promise<Seen> {
  const headers: Record<string, string> = {}
  if (password !== null) headers.authorization = `Basic ${Buffer.from(`x-access-token:${password}`).toString('base64')}`
  const answer = await fetch(`${github.gitUrl}/${place.name}.git/info/refs?service=${service}`, { headers })
  return { status: answer.status, text: await answer.text() }
}

async function git(directory: string, ...args: string[]): Promise<string> {
  const identity = {
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.org',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.org',
  }
  const env = {
    PATH: process.env.PATH ?? '',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    ...identity,
  }
  return (await run('git', args, { cwd: directory, env })).stdout.trim()
}

/** Clones, commits one file, and pushes with more arguments of `git push`. */
async function push(
  place: Place,
  token: string,
  file: { path: string; text: string },
  ...more: string[]
): Promise<Seen> {
  const directory = await mkdtemp(join(work, 'clone-'))
  const address = `${github.gitUrl.replace('://', `://x-access-token:${token}@`)}/${place.name}.git`
  await git(directory, 'clone', '-q', address, '.')
  const script = 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1" && git add -A && git commit -qm change'
  await run('sh', ['-c', script, 'sh', file.path, file.text], {
    cwd: directory,
    env: {
      ...process.env,
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@b',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@b',
    },
  })
  try {
    await git(directory, 'push', 'origin', ...(more.length === 0 ? ['HEAD'] : more))
    return { status: 200, text: '' }
  } catch (error) {
    return { status: 200, text: String((error as { stderr: string }).stderr) }
  }
}

/** One provocation for every row of the table. */
const provocations: Record<RefusalName, () => Promise<Seen>> = {
  'api-unknown': () => api('GET', '/zen', jwt()),
  'api-no-user-agent': async () => {
    // fetch always names itself; a bare request does not.
    const { request } = await import('node:http')
    return new Promise((resolve) => {
      request(`${github.apiUrl}/app`, async (answer) => {
        resolve({ status: answer.statusCode ?? 0, text: (await answer.toArray()).join('') })
      }).end()
    })
  },
  'api-no-credentials': () => api('GET', '/app', null),
  'jwt-undecodable': () =>
    api(
      'GET',
      '/app',
      jwt(
        {},
        generateKeyPairSync('rsa', { modulusLength: 2048 })
          .privateKey.export({ type: 'pkcs1', format: 'pem' })
          .toString(),
      ),
    ),
  'jwt-issuer': () => api('GET', '/app', jwt({ iss: 1 })),
  'jwt-expired': () => api('GET', '/app', jwt({ exp: seconds() - 1 })),
  'jwt-too-long': () => api('GET', '/app', jwt({ exp: seconds() + 700 })),
  'jwt-issued-later': () => api('GET', '/app', jwt({ iat: seconds() + 120 })),
  'api-bad-token': async () => {
    const token = await mintToken(await makePlace())
    await github.control('POST', 'tokens/expire')
    return api('GET', '/installation/repositories', token)
  },
  'api-token-for-app-call': async () => api('GET', '/app', await mintToken(await makePlace())),
  'api-jwt-for-installation-call': () => api('GET', '/installation/repositories', jwt()),
  'installation-unknown': () => api('POST', '/app/installations/1/access_tokens', jwt(), {}),
  'installation-suspended': async () => {
    const place = await makePlace()
    await github.control('PATCH', `installations/${place.installationId}`, { suspended: true })
    return api('POST', `/app/installations/${place.installationId}/access_tokens`, jwt(), {})
  },
  'token-repositories': async () => {
    const [mine, other] = [await makePlace(), await makePlace()]
    return api('POST', `/app/installations/${mine.installationId}/access_tokens`, jwt(), {
      repository_ids: [other.repositoryId],
    })
  },
  'token-permissions': async () => {
    const place = await makePlace({}, { contents: 'read' })
    return api('POST', `/app/installations/${place.installationId}/access_tokens`, jwt(), {
      permissions: { contents: 'write' },
    })
  },
  'repository-hidden': async () => {
    const [mine, other] = [await makePlace(), await makePlace()]
    return api('GET', `/repositories/${other.repositoryId}`, await mintToken(mine))
  },
  'rate-primary': async () => {
    await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'primary', resetSeconds: 60 } })
    return api('GET', '/app', jwt())
  },
  'rate-secondary': async () => {
    await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'secondary', status: 429, retryAfterSeconds: 7 } })
    return api('GET', '/app', jwt())
  },
  'git-no-credentials': async () => gitDoor(await makePlace(), null),
  'git-bad-token': async () => {
    const place = await makePlace()
    const token = await mintToken(place)
    await github.control('PUT', 'clock', { offsetMs: 3_600_001 })
    return gitDoor(place, token)
  },
  'git-suspended': async () => {
    const place = await makePlace()
    const token = await mintToken(place)
    await github.control('PATCH', `installations/${place.installationId}`, { suspended: true })
    return gitDoor(place, token)
  },
  'git-repository-hidden': async () => gitDoor(await makePlace(), await mintToken(await makePlace())),
  'git-no-write': async () => {
    const place = await makePlace()
    return gitDoor(place, await mintToken(place, { contents: 'read' }))
  },
  'git-no-read': async () => {
    const place = await makePlace({}, { contents: 'write', issues: 'write' })
    return gitDoor(place, await mintToken(place, { issues: 'write' }), 'git-upload-pack')
  },
  'git-archived': async () => {
    const place = await makePlace({ archived: true })
    return gitDoor(place, await mintToken(place))
  },
  'git-dumb': async () => {
    const place = await makePlace()
    return gitDoor(place, await mintToken(place), '')
  },
  'git-rate': async () => {
    const place = await makePlace()
    const token = await mintToken(place)
    await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'secondary', status: 429, retryAfterSeconds: 7 } })
    return gitDoor(place, token)
  },
  'push-protected': async () => {
    const place = await makePlace({ protectedBranches: { main: ['Changes must be made through a pull request.'] } })
    const seen = await push(place, await mintToken(place), { path: 'b.txt', text: 'b' })
    expect(seen.text).toContain('remote: error: GH006: Protected branch update failed for refs/heads/main.')
    return seen
  },
  'push-rules': async () => {
    const place = await makePlace({ rules: { main: ['Commits must have verified signatures.'] } })
    const seen = await push(place, await mintToken(place), { path: 'b.txt', text: 'b' })
    expect(seen.text).toContain('GH013')
    return seen
  },
  'push-forced': async () => {
    const place = await makePlace()
    await github.control('POST', `repositories/${place.repositoryId}/commits`, {
      files: [{ path: 'a.txt', content: 'two' }],
    })
    const seen = await push(
      place,
      await mintToken(place),
      { path: 'b.txt', text: 'b' },
      '--force',
      'HEAD~2:refs/heads/main',
    )
    expect(seen.text).not.toContain('fatal')
    expect(seen.text).toContain('GH003')
    return seen
  },
  'push-workflows': async () => {
    const place = await makePlace({}, { contents: 'write', workflows: 'write' })
    const seen = await push(place, await mintToken(place), { path: '.github/workflows/ci.yml', text: 'on: push' })
    return { ...seen, text: seen.text.replace('`.github/workflows/ci.yml`', '`%s`') }
  },
  'push-large-file': async () => {
    const place = await makePlace()
    await github.control('PUT', 'limits', { fileBytesMax: 1000 })
    const seen = await push(place, await mintToken(place), { path: 'deep/big.bin', text: 'x'.repeat(1001) })
    expect(seen.text).toContain('File deep/big.bin')
    return seen
  },
  'push-moved': async () => {
    const place = await makePlace()
    const token = await mintToken(place)
    const zero = '0'.repeat(40)
    const before = await github.control<{ oid: string }>('POST', `repositories/${place.repositoryId}/ref`, {
      ref: 'refs/heads/main',
    })
    // A client that claims the branch is new, while it stands at `before`.
    const line = `${zero} ${before.oid} refs/heads/main\0report-status`
    const body = Buffer.concat([
      Buffer.from((line.length + 4).toString(16).padStart(4, '0') + line),
      Buffer.from('0000'),
      emptyPack(),
    ])
    const answer = await fetch(`${github.gitUrl}/${place.name}.git/git-receive-pack`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
        'content-type': 'application/x-git-receive-pack-request',
      },
      body,
    })
    return { status: answer.status, text: await answer.text() }
  },
  'push-hidden-ref': async () => {
    const place = await makePlace()
    return push(place, await mintToken(place), { path: 'b.txt', text: 'b' }, 'HEAD:refs/pinned/x')
  },
}

function emptyPack(): Buffer {
  return Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex')
}

beforeAll(async () => {
  github = await startGithub()
  folder = await mkdtemp(join(tmpdir(), 'refusals-'))
  work = folder
})

afterAll(async () => {
  await github.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('every refusal of the table can be provoked', () => {
  for (const [name, refusal] of Object.entries(refusals)) {
    test(name, async () => {
      try {
        const seen = await provocations[name as RefusalName]()
        expect(seen.status).toBe(refusal.status)
        expect(seen.text).toContain(refusal.message)
      } finally {
        await github.control('PUT', 'rate-limit', {})
        await github.control('PUT', 'clock', { offsetMs: 0 })
        await github.control('PUT', 'limits', { fileBytesMax: 100 * 1_048_576 })
      }
    })
  }
})

describe('what is allowed works', () => {
  test('a push with a narrowed token arrives and is written down', async () => {
    const place = await makePlace()
    const seen = await push(place, await mintToken(place), { path: 'b.txt', text: 'b' })
    expect(seen.text).toBe('')
    const pushes = await github.control<{ forced: boolean }[]>('GET', `repositories/${place.repositoryId}/pushes`)
    expect(pushes).toMatchObject([{ ref: 'refs/heads/main', forced: false, installationId: place.installationId }])
  })

  test('a workflow is taken from a token that may write workflows', async () => {
    const place = await makePlace({}, { contents: 'write', workflows: 'write' })
    const token = await mintToken(place, { contents: 'write', workflows: 'write' })
    expect((await push(place, token, { path: '.github/workflows/ci.yml', text: 'on: push' })).text).toBe('')
  })

  test('a renamed repository is found by its id, and redirects from its old name', async () => {
    const place = await makePlace()
    const token = await mintToken(place)
    await github.control('PATCH', `repositories/${place.repositoryId}`, { name: 'renamed' })
    expect((await api('GET', `/repositories/${place.repositoryId}`, token)).text).toContain(
      '"full_name":"acme/renamed"',
    )
    const git = await fetch(`${github.gitUrl}/${place.name}.git/info/refs?service=git-upload-pack`, {
      redirect: 'manual',
      headers: { authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}` },
    })
    expect([git.status, git.headers.get('location')]).toEqual([
      301,
      `${github.gitUrl}/acme/renamed.git/info/refs?service=git-upload-pack`,
    ])
  })

  test('an outage drops or answers everything until it is lifted', async () => {
    await github.control('PUT', 'outage', { outage: { status: 502 } })
    expect((await api('GET', '/app', jwt())).status).toBe(502)
    await github.control('PUT', 'outage', { outage: { on: 'api', status: null } })
    await expect(api('GET', '/app', jwt())).rejects.toThrow()
    await github.control('PUT', 'outage', {})
    expect((await api('GET', '/app', jwt())).status).toBe(200)
  })
})
