/**
 * Git over HTTP at GitHub: where the branches stand, fetching and pushing. The token travels in the header of a request or in Git's environment,
 * bound to GitHub's address: never in an argument, a URL or the configuration of a repository. No redirect is followed.
 */

import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { GithubAnswer, GithubPlace, PushAnswer, PushRequest } from '../../commands/github/github-host.ts'
import type { FetchAnswer, FetchRequest, GithubRemote, RemoteRefs } from '../../commands/github/github-remote.ts'
import type { GitOutcome, UntrustedGit } from '../egress/untrusted-git.ts'
import { BranchList } from './branch-list.ts'
import { type FetchResult, type PushResult, readFetch, readPush } from './git-answers.ts'
import { answerToFailure, networkToFailure } from './github-errors.ts'
import type { InstallationTokens } from './installation-tokens.ts'
import { BranchName, nameToGitUrl } from './repository-name.ts'

const askTimeoutMs = 30_000
/** Names of 100,000 branches; what comes after the branches is not read. */
const listBytesMax = 16 * 1024 * 1024
const complaintCharactersMax = 1000
const fetchTimeoutMs = 15 * 60_000
const pushTimeoutMs = 15 * 60_000
/** While it puts a large pack together, GitHub says no more than that it is still there. */
const silenceSecondsMax = 120

export interface GitRemoteOptions {
  /** GITHUB_GIT_URL, without a slash at the end. */
  gitUrl: string
  git: UntrustedGit
  tokens: InstallationTokens
}

const authorization = (token: string) => `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`

export class GithubGitRemote implements GithubRemote {
  readonly #options: GitRemoteOptions

  constructor(options: GitRemoteOptions) {
    this.#options = options
  }

  readRefs(place: GithubPlace, fullName: string, signal: AbortSignal): Promise<GithubAnswer<RemoteRefs>> {
    const url = `${nameToGitUrl(this.#options.gitUrl, fullName)}/info/refs?service=git-upload-pack`
    return this.#options.tokens.withToken(place, 'read', signal, (token) => askForRefs(url, token, signal))
  }

  async fetch(place: GithubPlace, request: FetchRequest, signal: AbortSignal): Promise<FetchAnswer> {
    const { tokens } = this.#options
    const answer = await tokens.withToken(place, 'read', signal, (token) => this.#fetch(token, request, signal))
    return answer.ok ? answer.value : { outcome: 'failed', failure: answer.failure }
  }

  async push(place: GithubPlace, request: PushRequest, signal: AbortSignal): Promise<PushAnswer> {
    const { tokens } = this.#options
    const answer = await tokens.withToken(place, 'push', signal, (token) => this.#push(token, request, signal))
    const result: PushAnswer = answer.ok ? answer.value : { outcome: 'failed', failure: answer.failure }
    const isLacking =
      (result.outcome === 'refused' && result.rule === 'workflows-permission') ||
      (result.outcome === 'failed' && result.failure.kind === 'forbidden')
    if (isLacking) tokens.forgetGrants(place.installationId)
    return result
  }

  async #fetch(
    token: string,
    { directory, fullName, wanted, ref, bytesMax }: FetchRequest,
    signal: AbortSignal,
  ): Promise<FetchResult> {
    const url = new URL(nameToGitUrl(this.#options.gitUrl, fullName))
    const options = ['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-auto-gc', '--quiet']
    const outcome = await this.#run(token, url, signal, {
      args: ['fetch', ...options, '--end-of-options', url.href, `+${wanted}:${ref}`],
      directory,
      timeoutMs: fetchTimeoutMs,
      fileBytesMax: bytesMax,
    })
    if (outcome === null) return tooSlow('fetch')
    return readFetch(outcome, bytesMax, await isFull(directory, bytesMax))
  }

  async #push(
    token: string,
    { directory, fullName, branch, from, to }: PushRequest,
    signal: AbortSignal,
  ): Promise<PushResult> {
    const ref = `refs/heads/${BranchName.parse(branch)}`
    const url = new URL(nameToGitUrl(this.#options.gitUrl, fullName))
    const lease = `--force-with-lease=${ref}:${from ?? ''}`
    const outcome = await this.#run(token, url, signal, {
      args: ['push', '--porcelain', '--no-verify', lease, url.href, `${to}:${ref}`],
      directory,
      timeoutMs: pushTimeoutMs,
    })
    if (outcome === null) return tooSlow('push')
    return readPush(outcome, ref)
  }

  /** Null when it took longer than `timeoutMs`. */
  async #run(
    token: string,
    url: URL,
    signal: AbortSignal,
    run: { args: readonly string[]; directory: string; timeoutMs: number; fileBytesMax?: number },
  ): Promise<GitOutcome | null> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(run.timeoutMs)])
    try {
      return await this.#options.git({
        args: run.args,
        cwd: run.directory,
        protocols: url.protocol === 'https:' ? 'https' : 'http',
        config: [
          [`http.${url.origin}/.extraHeader`, `Authorization: ${authorization(token)}`],
          ['http.lowSpeedTime', String(silenceSecondsMax)],
          ['push.followTags', 'false'],
          ['push.recurseSubmodules', 'no'],
        ],
        ...(run.fileBytesMax !== undefined && { fileBytesMax: run.fileBytesMax }),
        signal: limited,
      })
    } catch (error) {
      signal.throwIfAborted()
      if (!limited.aborted) throw error
      return null
    }
  }
}

/** Whether a file of a fetch has come to its limit, in bytes; Git leaves what it was writing. */
async function isFull(directory: string, bytesMax: number): Promise<boolean> {
  const folder = path.join(directory, 'objects/pack')
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).size))
  return sizes.some((size) => size >= bytesMax)
}

const tooSlow = (what: 'fetch' | 'push'): { ok: false; failure: { kind: 'unreachable'; detail: string } } => ({
  ok: false,
  failure: { kind: 'unreachable', detail: `The ${what} took too long.` },
})

async function askForRefs(url: string, token: string, signal: AbortSignal): Promise<GithubAnswer<RemoteRefs>> {
  try {
    const answer = await fetch(url, {
      headers: { authorization: authorization(token), 'user-agent': 'git/2.40.0 (Skein)' },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(askTimeoutMs)]),
    })
    if (answer.status !== 200) {
      const message = (await answer.text()).slice(0, complaintCharactersMax)
      const header = (name: string) => answer.headers.get(name)
      return { ok: false, failure: answerToFailure({ status: answer.status, header, message }, 'git', new Date()) }
    }
    const refs = await readBranches(answer)
    if (refs !== null) return { ok: true, value: refs }
    return {
      ok: false,
      failure: { kind: 'unreachable', detail: 'It answered something that Skein does not understand.' },
    }
  } catch (error) {
    signal.throwIfAborted()
    return { ok: false, failure: networkToFailure(error) }
  }
}

async function readBranches(answer: Response): Promise<RemoteRefs | null> {
  const list = new BranchList()
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length
    if (list.push(chunk) || bytes > listBytesMax) break
  }
  return list.end()
}
