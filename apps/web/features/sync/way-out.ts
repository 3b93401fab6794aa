// For each condition that keeps GitHub's side waiting: what it is called and the ways out of it. The sentence itself comes
// from the server; a code that is not known here still has its sentence and another try.

import type { GithubStatus } from '@skein/protocol'
import { splitSentence } from './sync-words.ts'

/** One way out, by what it does. */
export type WayOut =
  | { do: 'check'; label: string }
  | { do: 'open'; label: string; href: string }
  | { do: 'settings'; label: string }
  | { do: 'pull-request'; label: string }
  | { do: 'new-pull-request'; label: string }

export type Condition = { title: string; isPassing: boolean; ways: readonly WayOut[] }

const tryAgain: WayOut = { do: 'check', label: 'Try again' }
const linkAgain: WayOut = { do: 'settings', label: 'Open settings' }

/** Where on GitHub the App's repositories and permissions are chosen; on GitHub Enterprise under its own address. */
function installationUrl({ repository }: GithubStatus): string | null {
  return repository ? `${new URL(repository.url).origin}/settings/installations/${repository.installationId}` : null
}

function onGithub(label: string, href: string | null | undefined): WayOut[] {
  return href ? [{ do: 'open', label, href }] : []
}

/** The condition behind a code. */
export function conditionOf(code: string, github: GithubStatus): Condition {
  const installation = onGithub('Open it on GitHub', installationUrl(github))
  const { repository, pullRequest } = github
  const held = (title: string, ...ways: WayOut[]): Condition => ({ title, isPassing: false, ways })
  const passing = (title: string): Condition => ({
    title,
    isPassing: true,
    ways: [{ do: 'check', label: 'Check now' }],
  })
  switch (code) {
    case 'github-away':
    case 'github-unreachable':
      return passing('GitHub is away.')
    case 'github-rate-limited':
      return passing('GitHub asks to slow down.')
    case 'github-unauthorized':
      return passing('GitHub does not accept this Skein.')
    case 'github-declined':
      return passing('GitHub declined what Skein asked for.')
    case 'github-renamed':
      return passing('The repository has another name now.')
    case 'github-suspended':
      return held('The GitHub App is suspended.', ...installation, tryAgain)
    case 'github-installation-gone':
      return held('The GitHub App is not installed there any more.', { do: 'settings', label: 'Link again' })
    case 'github-not-found':
      return held('The repository is out of reach.', ...installation, tryAgain)
    case 'github-archived':
      return held(
        'The repository is archived.',
        ...onGithub('Open its settings', repository && `${repository.url}/settings`),
        tryAgain,
      )
    case 'github-forbidden':
    case 'github-workflows-permission':
      return held('GitHub does not permit this push.', ...installation, tryAgain)
    case 'github-protected-branch':
    case 'github-repository-rules':
      return held(
        'The branch is protected.',
        ...(github.mode === 'direct_commit' ? [{ do: 'pull-request', label: 'Use a pull request' } as const] : []),
        tryAgain,
      )
    case 'github-other':
    case 'push-refused':
      return held('GitHub refused the push.', tryAgain)
    case 'github-file-too-large':
      return held('A file is too large for GitHub.', tryAgain)
    case 'remote-differs':
    case 'unrelated-histories':
      return held('Both sides hold different work.', linkAgain, tryAgain)
    case 'branch-deleted':
      return held('The branch is gone from GitHub.', { do: 'check', label: 'Make it anew' }, linkAgain)
    case 'pull-request-closed':
      return held(
        pullRequest ? `Pull request ${pullRequest.number} was closed.` : 'The pull request was closed.',
        { do: 'new-pull-request', label: 'Start a new one' },
        ...onGithub('Open it on GitHub', pullRequest?.url),
        tryAgain,
      )
    default:
      return held(github.state === 'waiting' ? 'GitHub’s side waits.' : 'Pushing is held.', tryAgain)
  }
}

/** The sentence of a reason as a title and the rest of it; the condition's own words where there is no sentence. */
export function splitReason(message: string, condition: Condition): { title: string; rest: string } {
  const split = splitSentence(message)
  return split ? { title: split.first, rest: split.rest } : { title: condition.title, rest: message }
}

/** Whether a code is about possible secrets, which have a list of their own. */
export const isSecretCode = (code: string | undefined): boolean => code !== undefined && /secret/.test(code)
/** Whether a code is about lines and files to review, which have a page of their own. */
export const isConflictCode = (code: string | undefined): boolean => code !== undefined && /conflict|review/.test(code)
