/** What GitHub refuses of a push, as a function of the push and the repository's settings: the reason Git reports, and the lines above it. */

export interface PushPolicy {
  installationId: number
  mayWriteWorkflows: boolean
  allowForcePushes: boolean
  protectedBranches: Record<string, string[]>
  rules: Record<string, string[]>
  rulesUrl: string
  fileBytesMax: number
  /** While this file exists, a push that has arrived is not answered. */
  holdFile: string
}

export interface PushedRef {
  ref: string
  /** All zeros when the ref is new. */
  before: string
  /** All zeros when the ref is deleted. */
  after: string
  forced: boolean
  /** Paths that differ between the two ends. */
  changedPaths: string[]
  largeFiles: { path: string; bytes: number }[]
}

export interface PushRefusal {
  reason: string
  /** Lines for the person, which Git prints after `remote: `. */
  lines: string[]
}

const mebibyte = 1_048_576

/** Null when GitHub would take the push. */
export function judgePush(push: PushedRef, policy: PushPolicy): PushRefusal | null {
  if (!/^refs\/(heads|tags)\//.test(push.ref)) return { reason: 'deny updating a hidden ref', lines: [] }
  const branch = push.ref.replace(/^refs\/(heads|tags)\//, '')
  const large = push.largeFiles.filter((file) => file.bytes > policy.fileBytesMax)
  if (large.length > 0) {
    const size = (bytes: number) => (bytes / mebibyte).toFixed(2)
    const lines = large.map(
      (file) =>
        `error: File ${file.path} is ${size(file.bytes)} MB; this exceeds GitHub's file size limit of ${size(policy.fileBytesMax)} MB`,
    )
    lines.push(
      'error: GH001: Large files detected. You may want to try Git Large File Storage - https://git-lfs.github.com.',
    )
    return { reason: 'pre-receive hook declined', lines }
  }
  const workflow = push.changedPaths.find((path) => path.startsWith('.github/workflows/'))
  if (workflow !== undefined && !policy.mayWriteWorkflows) {
    return {
      reason: `refusing to allow a GitHub App to create or update workflow \`${workflow}\` without \`workflows\` permission`,
      lines: [],
    }
  }
  const rules = policy.rules[branch]
  if (rules !== undefined) {
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
