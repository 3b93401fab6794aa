/** What people read about a link: why sync stops, what happened to the repository, and what the rules of its branch ask. */
import type { HoldCode } from '@skein/git-sync'
import type { LargeBlob } from '../git-store.ts'
import { describeFailure, describeRefusal, type Reason } from '../github/describe-failure.ts'
import type { BranchRules } from '../github/github-api.ts'
import type { Link } from './round.ts'

const safe = 'Editing and committing go on.'
const bytesPerMiB = 1024 * 1024
const mebibytes = (bytes: number): string => `${Math.floor(bytes / bytesPerMiB)} MiB`

/** Why `decide` holds the link. */
export function describeHold(code: HoldCode, link: Link): Reason {
  const { fullName, branch, refusal } = link
  switch (code) {
    case 'archived':
      return describeFailure({ kind: 'archived' }, fullName)
    case 'open-conflicts':
      return {
        code,
        message: `Some lines changed both here and on GitHub. Decide about them, then Skein pushes by itself. ${safe}`,
      }
    case 'secret-findings':
      return { code, message: `A commit may hold a secret. Look at the findings before it leaves. ${safe}` }
    case 'branch-deleted':
      return {
        code,
        message: `The branch ${branch} of ${fullName} is not there any more: it was deleted on GitHub. Try again to make it anew, or choose another branch. ${safe}`,
      }
    case 'pull-request-closed':
      return {
        code,
        message: `Pull request #${link.prNumber} was closed on GitHub without merging it. Reopen it there, then try again; or start a new one. ${safe}`,
      }
    case 'push-refused':
      return refusal === null
        ? { code, message: `GitHub refused the push. Try again. ${safe}` }
        : describeRefusal(
            refusal.rule,
            refusal.reason,
            refusal.branch === 'tracked' ? branch : (link.prBranch ?? branch),
          )
  }
}

/** Skein itself fails, again and again. */
export const describeFault = (times: number): Reason => ({
  code: 'sync-fault',
  message: `Something inside Skein keeps this from being synced: it failed ${times} times in a row. Tell the operator of this Skein, who finds it in the log. Skein tries again every ten minutes, or as soon as you ask. Nothing is lost: ${safe.charAt(0).toLowerCase()}${safe.slice(1)}`,
})

/** Why Skein itself asks for a pull request from now on. */
export function describeSwitch(reason: 'refused' | 'rewritten', { branch, refusal }: Link): string {
  return reason === 'rewritten'
    ? `The history of ${branch} was rewritten on GitHub, so changes go by pull request from now on.`
    : `GitHub does not let Skein push to ${branch}${refusal === null ? '' : ` (${refusal.reason.replace(/[.\s]+$/, '')})`}, so changes go by pull request from now on.`
}

/** What GitHub will ask of what goes to the branch, in a sentence; null when it asks nothing. */
export function describeRules(branch: string, rules: BranchRules): string | null {
  const asks = [
    ...(rules.needsPullRequest ? ['a pull request'] : []),
    ...(rules.requiredChecks.length > 0 ? [`these checks: ${rules.requiredChecks.slice(0, 10).join(', ')}`] : []),
    ...(rules.needsSignatures
      ? ['signed commits, which Skein does not make: let the GitHub App pass this rule, or squash on GitHub']
      : []),
    ...(rules.hasMergeQueue ? ['the merge queue'] : []),
  ]
  return asks.length === 0 ? null : `On GitHub ${branch} asks for ${asks.join('; ')}.`
}

/** GitHub refuses these; told before anything is sent. */
export function describeTooLarge(blobs: readonly LargeBlob[]): Reason {
  const [first, ...others] = blobs
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  return {
    code: 'github-file-too-large',
    message: `“${first?.path}” (${mebibytes(first?.bytes ?? 0)})${more} is too large: GitHub takes no file above 100 MiB, also not in an older commit. Keep it with Git LFS or elsewhere, link a repository that takes it, or ask for help with leaving it out of the history. ${safe}`,
  }
}

/** GitHub takes these, and complains. */
export function describeLarge(blobs: readonly LargeBlob[]): string {
  const names = blobs.slice(0, 3).map(({ path, bytes }) => `“${path}” (${mebibytes(bytes)})`)
  return `${names.join(', ')}${blobs.length > 3 ? ' and more' : ''}: GitHub advises against files above 50 MiB. Git LFS keeps them better.`
}
