/** Why a link cannot be made or changed, in words for whoever asked. */
import { Refusal } from '@skein/protocol'
import { describeFailure } from './describe-failure.ts'
import type { GithubFailure } from './github-host.ts'

export function failureToRefusal(failure: GithubFailure, fullName = 'This repository'): Refusal {
  const { code, message } = describeFailure(failure, fullName)
  const isAway = failure.kind === 'unreachable' || failure.kind === 'rate-limited'
  return new Refusal(isAway ? 'github-unreachable' : 'github-refused', message, {
    hint: isAway
      ? 'Try again in a few minutes.'
      : 'Check the numbers of the installation and the repository, and what the App may do there.',
    details: { reason: code },
  })
}

export const alreadyLinked = (): Refusal =>
  new Refusal('already-linked', 'This project is linked to a GitHub repository already.', { hint: 'Unlink it first.' })

export const notLinked = (): Refusal =>
  new Refusal('not-linked', 'This project is not linked to a GitHub repository.', {
    hint: 'Link it in the settings of the project.',
  })

export const unclaimedInstallation = (): Refusal =>
  new Refusal('forbidden', 'Nobody has shown yet that this installation of the GitHub App belongs to this workspace.', {
    hint: 'Connect GitHub in the settings of the workspace, or let the admin of this Skein name the installation.',
  })

export const foreignInstallation = (): Refusal =>
  new Refusal('forbidden', 'This installation of the GitHub App is used by another workspace.', {
    hint: 'Link the project from that workspace, or install the App for another account.',
  })
