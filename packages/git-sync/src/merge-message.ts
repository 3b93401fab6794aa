/** The messages of the commits that bring a remote branch into a project. */
import type { PullKind } from './decide.ts'
import { cleanLine, silence } from './plain-words.ts'

export interface MergedBranch {
  kind: PullKind
  branch: string
  /** `owner/name` at GitHub. */
  fullName: string
  /** The pull request that was squashed or rebased. */
  pullRequest: number | null
  conflicts: number
}

/** Subject and, where people have to know more, a body. Ends without a newline. */
export function writeMergeMessage({ kind, branch, fullName, pullRequest, conflicts }: MergedBranch): string {
  const from = silence(cleanLine(`${branch} of ${fullName}`, 200))
  const subject = { first: 'Start from', forward: 'Go on from', merge: 'Merge', unrelated: 'Join with' }
  const paragraphs: string[] = []
  switch (kind) {
    case 'first':
    case 'forward':
    case 'merge':
    case 'unrelated':
      paragraphs.push(`${subject[kind]} ${from}`)
      break
    case 'restarted': {
      const asked = pullRequest === null ? 'the pull request' : `pull request ${pullRequest}`
      paragraphs.push(`Go on from ${from}`, `It holds the work of ${asked} as commits of its own.`)
      break
    }
    case 'rewritten':
      paragraphs.push(
        `Go on from ${from}`,
        'Its history was rewritten there; what was written here since stands on top.',
      )
      break
  }
  if (conflicts > 0) {
    const places = conflicts === 1 ? '1 place' : `${conflicts} places`
    paragraphs.push(`${places} changed here and there: ours stands until somebody decides.`)
  }
  return paragraphs.join('\n\n')
}
