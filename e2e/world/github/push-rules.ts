/** What GitHub refuses of a push, as a function of the push and the repository's settings: the reason Git reports, and the lines above it. */

import { type Rule, type RuledPush, violations } from './rules.ts'

export interface PushPolicy {
  installationId: number
  mayWriteWorkflows: boolean
  allowForcePushes: boolean
  protectedBranches: Record<string, string[]>
  rules: Record<string, (string | Rule)[]>
  rulesUrl: string
  fileBytesMax: number
  /** Above it GitHub takes a file and warns. */
  fileBytesGood: number
  /** While this file exists, a push that has arrived is not answered. */
  holdFile: string
}

export interface PushedRef extends RuledPush {
  ref: string
  /** All zeros when the ref is new. */
  before: string
  /** All zeros when the ref is deleted. */
  after: string
}

export interface PushRefusal {
  reason: string
  /** Lines for the person, which Git prints after `remote: `. */
  lines: string[]
}

const megabytes = (bytes: number) => (bytes / 1_048_576).toFixed(2)
const lfsAdvice =
  'GH001: Large files detected. You may want to try Git Large File Storage - https://git-lfs.github.com.'

/** Null when GitHub would take the push. */
export function judgePush(push: PushedRef, policy: PushPolicy): PushRefusal | null {
  if (!/^refs\/(heads|tags)\//.test(push.ref)) return { reason: 'deny updating a hidden ref', lines: [] }
  const branch = push.ref.replace(/^refs\/(heads|tags)\//, '')
  const large = push.newFiles.filter((file) => file.bytes > policy.fileBytesMax)
  if (large.length > 0) {
    const limit = megabytes(policy.fileBytesMax)
    const lines = large.map(
      ({ path, bytes }) =>
        `error: File ${path} is ${megabytes(bytes)} MB; this exceeds GitHub's file size limit of ${limit} MB`,
    )
    const seen = 'error: See https://gh.io/lfs for more information.'
    return { reason: 'pre-receive hook declined', lines: [seen, ...lines, `error: ${lfsAdvice}`] }
  }
  const workflow = push.changedPaths.find((path) => path.startsWith('.github/workflows/'))
  if (workflow !== undefined && !policy.mayWriteWorkflows) {
    return {
      reason: `refusing to allow a GitHub App to create or update workflow \`${workflow}\` without \`workflows\` permission`,
      lines: [],
    }
  }
  const rules = violations(policy.rules[branch] ?? [], push)
  if (rules.length > 0) {
    const lines = [
      `error: GH013: Repository rule violations found for ${push.ref}.`,
      `Review all repository rules at ${policy.rulesUrl}`,
      '',
    ]
    return {
      reason: 'push declined due to repository rule violations',
      lines: [...lines, ...rules.map((rule) => `- ${rule}`), ''],
    }
  }
  const protection = policy.protectedBranches[branch]
  if (protection !== undefined) {
    const lines = [
      `error: GH006: Protected branch update failed for ${push.ref}.`,
      ...protection.map((sentence) => `error: ${sentence}`),
    ]
    return { reason: 'protected branch hook declined', lines }
  }
  if (push.forced && !policy.allowForcePushes) {
    const lines = [`error: GH003: Sorry, force-pushing to ${branch} is not allowed.`]
    return { reason: 'protected branch hook declined', lines }
  }
  return null
}

/** What GitHub prints of large files that it takes. */
export function warningsOf(push: PushedRef, policy: PushPolicy): string[] {
  const large = push.newFiles.filter((file) => file.bytes > policy.fileBytesGood)
  if (large.length === 0) return []
  const limit = megabytes(policy.fileBytesGood)
  const lines = large.map(
    ({ path, bytes }) =>
      `warning: File ${path} is ${megabytes(bytes)} MB; this is larger than GitHub's recommended maximum file size of ${limit} MB`,
  )
  return ['warning: See https://gh.io/lfs for more information.', ...lines, `warning: ${lfsAdvice}`]
}
