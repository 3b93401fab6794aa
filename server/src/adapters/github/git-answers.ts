/** Reads what Git printed after a fetch from GitHub or a push to it: GitHub's answers come as sentences of Git's. */

import type { GithubAnswer, GithubFailure, PushAnswer, RefusalRule } from '../../commands/github/github-host.ts'
import type { FetchAnswer } from '../../commands/github/github-remote.ts'
import type { GitOutcome } from '../egress/untrusted-git.ts'
import { answerToFailure } from './github-errors.ts'

const reasonCharactersMax = 1000

/** An answer without the failures, which are told beside it. */
type Without<T extends { outcome: string }> = Exclude<T, { outcome: 'failed' }>
export type PushResult = GithubAnswer<Without<PushAnswer>>
export type FetchResult = GithubAnswer<Without<FetchAnswer>>

/** Reads `flag TAB from:to TAB summary (reason)`, one line for each ref. */
export function readPush(outcome: GitOutcome, ref: string): PushResult {
  const { stdout, stderr } = outcome
  const line = stdout.split('\n').find((text) => text.split('\t')[1]?.endsWith(`:${ref}`))
  const flag = line?.[0]
  if (flag === ' ' || flag === '*' || flag === '=') return { ok: true, value: { outcome: 'pushed' } }
  const rejected = line?.split('\t')[2] ?? ''
  if (flag === '!' && !/remote failure/.test(rejected)) {
    const reason = /\((.*)\)\s*$/s.exec(rejected)?.[1] ?? rejected
    if (/^\[rejected\]|failed to update ref|cannot lock ref|fetch first|non-fast-forward/.test(rejected)) {
      return { ok: true, value: { outcome: 'moved' } }
    }
    const refused = { rule: ruleOf(`${reason}\n${stderr}`), reason: wordsOf(reason, stderr) }
    return { ok: true, value: { outcome: 'refused', ...refused } }
  }
  return { ok: false, failure: statusFailure(stderr) ?? brokenOff('push', outcome) }
}

/** @param isFull whether Git was stopped at the limit of what it may write: it does not say so itself */
export function readFetch(outcome: GitOutcome, bytesMax: number, isFull: boolean): FetchResult {
  const { stderr, code } = outcome
  if (code === 0) return { ok: true, value: { outcome: 'fetched' } }
  const refuse = (reason: string): FetchResult => ({ ok: true, value: { outcome: 'refused', reason } })
  if (/not our ref|couldn't find remote ref/i.test(stderr)) return { ok: true, value: { outcome: 'gone' } }
  const failure = statusFailure(stderr)
  if (failure !== null) return { ok: false, failure }
  if (/No space left on device/i.test(stderr)) throw new Error(`there is no space for a fetch: ${lastWords(outcome)}`)
  if (isFull || /out of memory|malloc failed/i.test(stderr)) {
    return refuse(`What changed there is larger than ${Math.round(bytesMax / 1_048_576)} MiB.`)
  }
  const check = /(?:error|fatal): (?:object )?([0-9a-f]{40}): ([\w-]+): (.*)/.exec(stderr)
  if (check !== null) return refuse(`Git’s own check refused the object ${check[1]}: ${check[3]} (${check[2]}).`)
  // A connection that ended leaves half a pack, which is then damaged as well; what was damaged before it left says nothing of connections.
  const isCut = /RPC failed|early EOF|unexpected disconnect|hung up|still expected|reset by peer|Empty reply/i.test(
    stderr,
  )
  if (!isCut && /fsck|index-pack|unpack|corrupt|bad object|did not send all|pack has|inflate/i.test(stderr)) {
    return refuse(`What GitHub sent is damaged. Git said “${lastWords(outcome)}”.`)
  }
  return { ok: false, failure: brokenOff('fetch', outcome) }
}

/** The failure that an HTTP status in Git's words stands for. */
function statusFailure(stderr: string): GithubFailure | null {
  // Git answers a 401 by asking for a password, which it cannot, and has a sentence of its own for a 404.
  const isAsking = /could not read (?:Username|Password)|Authentication failed/.test(stderr)
  const isMissing = /^fatal: repository '.*' not found$/m.test(stderr)
  const status = isAsking ? '401' : isMissing ? '404' : /returned error: (\d{3})/.exec(stderr)?.[1]
  if (status === undefined) return null
  const header = () => null
  return answerToFailure({ status: Number(status), header, message: stderr }, 'git', new Date())
}

const brokenOff = (what: 'fetch' | 'push', outcome: GitOutcome): GithubFailure => ({
  kind: 'unreachable',
  detail: `The ${what} broke off (${lastWords(outcome)}).`,
})

function lastWords({ stderr, code }: GitOutcome): string {
  const said = stderr.split('\n').findLast((text) => /^(?:fatal|error):/.test(text)) ?? `Git ended with ${code}.`
  return said.slice(0, 300)
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
