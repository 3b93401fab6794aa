/** The parts of GitHub's answers that are used, checked, and what they are called here. */
import { Oid } from '@skein/protocol'
import { z } from 'zod'
import type { BranchRules, PullRequest } from '../../commands/github/github-api.ts'
import type { GithubRepository } from '../../commands/github/github-host.ts'
import { BranchName, RepositoryName } from './repository-name.ts'

const WebAddress = z.url({ protocol: /^https?$/ })

/** `GET /repositories/{id}`. */
export const RepositoryAnswer = z
  .object({
    full_name: RepositoryName,
    html_url: WebAddress,
    default_branch: BranchName,
    archived: z.boolean(),
    private: z.boolean(),
  })
  .transform(
    (answer): Omit<GithubRepository, 'quotaLeft'> => ({
      fullName: answer.full_name,
      htmlUrl: answer.html_url,
      defaultBranch: answer.default_branch,
      archived: answer.archived,
      isPrivate: answer.private,
    }),
  )

const CheckNames = z.array(z.string()).default([])

/** `GET /repos/{owner}/{repo}/branches/{branch}`: classic protection, as far as it shows to somebody who is not an administrator. */
export const BranchAnswer = z.object({
  protected: z.boolean().default(false),
  protection: z
    .object({ required_status_checks: z.object({ contexts: CheckNames }).nullish() })
    .nullish()
    .transform((protection) => protection?.required_status_checks?.contexts ?? []),
})
export type BranchAnswer = z.infer<typeof BranchAnswer>

const RuleParameters = z.object({ required_status_checks: z.array(z.object({ context: z.string() })).default([]) })

/** `GET /repos/{owner}/{repo}/rules/branches/{branch}`: rules of rulesets that are in force. */
export const RulesAnswer = z.array(z.object({ type: z.string(), parameters: RuleParameters.nullish() }))
export type RulesAnswer = z.infer<typeof RulesAnswer>

/** Rules that say how a branch may be made or ended, and nothing about commits that are added to it. */
const harmlessRules = new Set(['creation', 'deletion', 'non_fast_forward'])

/** One picture of both kinds of protection. */
export function describeRules(branch: BranchAnswer, rules: RulesAnswer): BranchRules {
  const has = (type: string) => rules.some((rule) => rule.type === type)
  const checks = rules.flatMap(({ parameters }) => parameters?.required_status_checks ?? [])
  return {
    isProtected: branch.protected || rules.some(({ type }) => !harmlessRules.has(type)),
    needsPullRequest: has('pull_request') || has('merge_queue'),
    needsSignatures: has('required_signatures'),
    hasMergeQueue: has('merge_queue'),
    requiredChecks: [...new Set([...branch.protection, ...checks.map(({ context }) => context)])],
  }
}

/** A pull request, from a list or by itself; `mergeable` stands only in the second. */
export const PullRequestAnswer = z
  .object({
    number: z.int().positive(),
    title: z.string(),
    html_url: WebAddress,
    state: z.enum(['open', 'closed']),
    merged_at: z.string().nullish(),
    merge_commit_sha: Oid.nullish(),
    mergeable: z.boolean().nullish(),
    // The repository of the head is null once it was deleted.
    head: z.object({ ref: z.string(), sha: Oid, repo: z.object({ id: z.int() }).nullish() }),
    base: z.object({ ref: z.string() }),
  })
  .transform((answer): { pullRequest: PullRequest; headRepositoryId: number | null } => {
    const isMerged = typeof answer.merged_at === 'string'
    const pullRequest: PullRequest = {
      number: answer.number,
      title: answer.title,
      url: answer.html_url,
      state: isMerged ? 'merged' : answer.state,
      headBranch: answer.head.ref,
      baseBranch: answer.base.ref,
      headOid: answer.head.sha,
      // Before that it is a commit of GitHub's own, made to see whether it could be merged.
      mergeOid: isMerged ? (answer.merge_commit_sha ?? null) : null,
      isMergeable: answer.mergeable ?? null,
    }
    return { pullRequest, headRepositoryId: answer.head.repo?.id ?? null }
  })
