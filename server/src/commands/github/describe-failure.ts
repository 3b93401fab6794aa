/** What people are told when GitHub does not do it: what happened, what is safe, and what to do. */
import type { GithubFailure, RefusalRule } from './github-host.ts'

export interface Reason {
  code: string
  message: string
}

/** Codes of reasons that pass by themselves; the page says "waiting" for these and "held" for all others. */
export function isPassing({ kind }: GithubFailure): boolean {
  const passing: GithubFailure['kind'][] = ['unreachable', 'rate-limited', 'unauthorized', 'renamed', 'declined']
  return passing.includes(kind)
}

const safe = 'Editing and committing go on.'

export function describeFailure(failure: GithubFailure, fullName: string): Reason {
  switch (failure.kind) {
    case 'unreachable':
      return { code: 'github-away', message: `GitHub is away. ${failure.detail} Skein keeps trying. ${safe}` }
    case 'rate-limited':
      return {
        code: 'github-rate-limited',
        message: `GitHub asked Skein to slow down. It is tried again when GitHub allows. ${safe}`,
      }
    case 'unauthorized':
      return {
        code: 'github-unauthorized',
        message: sentences(
          'GitHub does not accept this Skein’s GitHub App.',
          'The operator should check its id and private key; Skein keeps trying.',
          safe,
        ),
      }
    case 'suspended':
      return {
        code: 'github-suspended',
        message: sentences(
          'The installation of the GitHub App is suspended.',
          'Lift that on GitHub (Settings → Applications), and Skein goes on by itself.',
          safe,
        ),
      }
    case 'installation-gone':
      return {
        code: 'github-installation-gone',
        message: sentences(
          'The GitHub App is not installed there any more.',
          'Install it again from the settings of the workspace, and Skein goes on by itself.',
          safe,
        ),
      }
    case 'not-found':
      return {
        code: 'github-not-found',
        message: sentences(
          `${fullName} was deleted, or the GitHub App may not see it any more.`,
          'Give the App access to it on GitHub, and Skein goes on by itself.',
          safe,
        ),
      }
    case 'renamed':
      return {
        code: 'github-renamed',
        message: `${fullName} has another name on GitHub now. Skein follows it. ${safe}`,
      }
    case 'archived':
      return {
        code: 'github-archived',
        message: `${fullName} is archived on GitHub. Unarchive it, and Skein goes on by itself. ${safe}`,
      }
    case 'forbidden':
      return {
        code: 'github-forbidden',
        message: sentences(
          `GitHub does not let the App do this in ${fullName} (${failure.detail}).`,
          'Accept the App’s permissions on GitHub (Settings → Applications), and Skein goes on by itself.',
          safe,
        ),
      }
    case 'declined':
      return {
        code: 'github-declined',
        message: `GitHub declined what Skein asked for (${failure.detail}). Skein looks again and goes on from there. ${safe}`,
      }
  }
}

const advice: Record<RefusalRule, string> = {
  'protected-branch': 'Let the GitHub App pass the branch protection, or link another branch; then try again.',
  'repository-rules': 'Let the GitHub App pass these rules, or link another branch; then try again.',
  'workflows-permission':
    'Give the GitHub App the permission “Workflows: write”, or leave these files out; then try again.',
  'file-too-large': 'Delete the file here or keep it with Git LFS; GitHub also refuses commits that held it.',
  other: 'Mend this on GitHub, then try again.',
}

export function describeRefusal(rule: RefusalRule, reason: string, branch: string): Reason {
  return {
    code: `github-${rule}`,
    message: `GitHub refused the push to ${branch}: ${endSentence(reason)} ${advice[rule]} ${safe}`,
  }
}

const endSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)

const sentences = (...all: string[]): string => all.join(' ')
