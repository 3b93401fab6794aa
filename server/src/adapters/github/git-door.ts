/**
 * Git over HTTP at GitHub: where a branch stands, and pushing. The token travels in the header of a request or in Git's environment, bound to
 * GitHub's address: never in an argument, a URL or the configuration of a repository.
 */
import { Oid } from '@skein/protocol'
import type { GithubAnswer, PushAnswer, PushRequest, RefusalRule } from '../../commands/github/github-host.ts'
import { parseAdvertisement } from '../egress/advertisement.ts'
import type { GitOutcome, UntrustedGit } from '../egress/untrusted-git.ts'
import { answerToFailure, networkToFailure } from './github-errors.ts'

const askTimeoutMs = 30_000
/** Refs of a large repository: 100,000 of them. */
const advertisementBytesMax = 16 * 1024 * 1024
const pushTimeoutMs = 15 * 60_000
const reasonCharactersMax = 1000

export interface GitDoorOptions {
  /** GITHUB_GIT_URL, without a slash at the end. */
  gitUrl: string
  git: UntrustedGit
}

const authorization = (token: string) => `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`

/** Asks as one who wants to push, so that a missing right shows before anything is sent. */
export async function readBranch(
  { gitUrl }: GitDoorOptions,
  token: string,
  fullName: string,
  branch: string,
  signal: AbortSignal,
): Promise<GithubAnswer<Oid | null>> {
  let answer: Response
  let body: Buffer
  try {
    answer = await fetch(`${gitUrl}/${fullName}.git/info/refs?service=git-receive-pack`, {
      headers: { authorization: authorization(token), 'user-agent': 'git/2.40.0 (Skein)' },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(askTimeoutMs)]),
    })
    body = await readBody(answer)
  } catch (error) {
    signal.throwIfAborted()
    return { ok: false, failure: networkToFailure(error) }
  }
  const advertisement = answer.status === 200 ? parseAdvertisement(body) : null
  if (advertisement === null) {
    const header = (name: string) => answer.headers.get(name)
    const message = body.toString('utf8', 0, 1000)
    return { ok: false, failure: answerToFailure({ status: answer.status, header, message }, 'git', new Date()) }
  }
  const ref = advertisement.refs.find(({ name }) => name === `refs/heads/${branch}`)
  return { ok: true, value: ref === undefined ? null : Oid.parse(ref.oid) }
}

async function readBody(answer: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > advertisementBytesMax) throw new Error('the list of refs is too long')
  }
  return Buffer.concat(chunks)
}

/** One push with an explicit lease. Rejects only when `signal` is aborted. */
export async function pushBranch(
  { gitUrl, git }: GitDoorOptions,
  token: string,
  { directory, fullName, branch, from, to }: PushRequest,
  signal: AbortSignal,
): Promise<PushAnswer> {
  const ref = `refs/heads/${branch}`
  const url = new URL(`${gitUrl}/${fullName}.git`)
  const limited = AbortSignal.any([signal, AbortSignal.timeout(pushTimeoutMs)])
  try {
    const outcome = await git({
      args: ['push', '--porcelain', '--no-verify', `--force-with-lease=${ref}:${from ?? ''}`, url.href, `${to}:${ref}`],
      cwd: directory,
      protocols: url.protocol === 'https:' ? 'https' : 'http',
      config: [
        [`http.${url.origin}/.extraHeader`, `Authorization: ${authorization(token)}`],
        ['push.followTags', 'false'],
        ['push.recurseSubmodules', 'no'],
      ],
      signal: limited,
    })
    return readOutcome(outcome, ref)
  } catch (error) {
    signal.throwIfAborted()
    if (!limited.aborted) throw error
    return { outcome: 'failed', failure: { kind: 'unreachable', detail: 'The push took too long.' } }
  }
}

/** Reads `flag TAB from:to TAB summary (reason)`, one line for each ref. */
function readOutcome({ stdout, stderr, code }: GitOutcome, ref: string): PushAnswer {
  const line = stdout.split('\n').find((text) => text.split('\t')[1]?.endsWith(`:${ref}`))
  const flag = line?.[0]
  if (flag === ' ' || flag === '*' || flag === '=') return { outcome: 'pushed' }
  const rejected = line?.split('\t')[2] ?? ''
  if (flag === '!' && !/remote failure/.test(rejected)) {
    const reason = /\((.*)\)\s*$/s.exec(rejected)?.[1] ?? rejected
    if (/^\[rejected\]|failed to update ref|cannot lock ref|fetch first|non-fast-forward/.test(rejected))
      return { outcome: 'moved' }
    return { outcome: 'refused', rule: ruleOf(`${reason}\n${stderr}`), reason: wordsOf(reason, stderr) }
  }
  // Git answers a 401 by asking for a password, which it cannot.
  const isAsking = /could not read (?:Username|Password)|Authentication failed/.test(stderr)
  const status = isAsking ? '401' : /returned error: (\d{3})/.exec(stderr)?.[1]
  if (status !== undefined) {
    const failure = answerToFailure({ status: Number(status), header: () => null, message: stderr }, 'git', new Date())
    return { outcome: 'failed', failure }
  }
  const said = stderr.split('\n').findLast((text) => /^(?:fatal|error):/.test(text)) ?? `Git ended with ${code}.`
  return { outcome: 'failed', failure: { kind: 'unreachable', detail: `The push broke off (${said.slice(0, 300)}).` } }
}

function ruleOf(text: string): RefusalRule {
  if (/GH001|file size limit|large files/i.test(text)) return 'file-too-large'
  if (/without `?workflows?`? (?:permission|scope)/i.test(text)) return 'workflows-permission'
  if (/GH013|repository rule/i.test(text)) return 'repository-rules'
  if (/GH006|GH003|protected branch/i.test(text)) return 'protected-branch'
  return 'other'
}

/** What GitHub printed for the person, else the reason in the report. */
function wordsOf(reason: string, stderr: string): string {
  const remote = stderr
    .split('\n')
    .flatMap((line) => (line.startsWith('remote:') ? [line.slice('remote:'.length).trim()] : []))
    .map((line) => line.replace(/^(?:error: |- )/, ''))
    .filter((line) => line !== '')
  return (remote.length === 0 ? reason : remote.join(' ')).slice(0, reasonCharactersMax)
}
