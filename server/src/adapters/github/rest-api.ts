/** GitHub's REST API behind the port: the repository, what its branch demands, and pull requests. */
import { z } from 'zod'
import type { BranchRules, GithubApi, PullRequest, PullRequestText } from '../../commands/github/github-api.ts'
import type { GithubAnswer, GithubPlace, GithubRepository } from '../../commands/github/github-host.ts'
import { type Call, InstallationCalls, type InstallationCallsOptions } from './installation-calls.ts'
import { nameToParts } from './repository-name.ts'
import { BranchAnswer, describeRules, PullRequestAnswer, RepositoryAnswer, RulesAnswer } from './rest-answers.ts'

/** Of a title and a body GitHub takes no more than this. */
const titleCharactersMax = 256
const bodyCharactersMax = 65_536
/** Pull requests between the same two branches that are looked through for the one that is open, or newest. */
const pullRequestsRead = 10
/** More rules than that on one branch are not looked at: they are advice. */
const rulesRead = 100

const repository = '/repos/{owner}/{repo}'

export class GithubRestApi implements GithubApi {
  readonly #calls: InstallationCalls

  constructor(options: InstallationCallsOptions) {
    this.#calls = new InstallationCalls(options)
  }

  async readRepository(place: GithubPlace, signal: AbortSignal): Promise<GithubAnswer<GithubRepository>> {
    const answer = await this.#calls.run(place, {
      use: 'read',
      route: 'GET /repositories/{repository_id}',
      parameters: { repository_id: place.repositoryId },
      read: (data) => RepositoryAnswer.parse(data),
      signal,
    })
    if (!answer.ok) return answer
    return { ok: true, value: { ...answer.value, quotaLeft: this.#calls.quotaOf(place)?.left ?? null } }
  }

  async readRules(
    place: GithubPlace,
    fullName: string,
    branch: string,
    signal: AbortSignal,
  ): Promise<GithubAnswer<BranchRules>> {
    const parameters = { ...nameToParts(fullName), branch }
    const asked = { use: 'read', signal } as const
    const rules = await this.#calls.run(place, {
      ...asked,
      route: `GET ${repository}/rules/branches/{branch}`,
      parameters: { ...parameters, per_page: rulesRead },
      read: (data) => RulesAnswer.parse(data),
    })
    if (!rules.ok) return rules
    const read = await this.#calls.run(place, {
      ...asked,
      route: `GET ${repository}/branches/{branch}`,
      parameters,
      read: (data) => BranchAnswer.parse(data),
    })
    // The rules of a branch are told before it is there, and with them that the repository is.
    const isAbsent = !read.ok && read.failure.kind === 'not-found'
    if (!read.ok && !isAbsent) return read
    return { ok: true, value: describeRules(read.ok ? read.value : BranchAnswer.parse({}), rules.value) }
  }

  async findPullRequest(
    place: GithubPlace,
    fullName: string,
    { head, base }: { head: string; base: string },
    signal: AbortSignal,
  ): Promise<GithubAnswer<PullRequest | null>> {
    const parts = nameToParts(fullName)
    return this.#calls.run(place, {
      use: 'pull-requests',
      route: `GET ${repository}/pulls`,
      parameters: {
        ...parts,
        ...{ head: `${parts.owner}:${head}`, base, state: 'all' },
        ...{ sort: 'created', direction: 'desc', per_page: pullRequestsRead },
      },
      read: (data) => {
        // A fork of the same owner would be found under the same name.
        const own = z
          .array(PullRequestAnswer)
          .parse(data)
          .filter(({ headRepositoryId: id }) => id === place.repositoryId)
          .map(({ pullRequest }) => pullRequest)
        return own.find(({ state }) => state === 'open') ?? own[0] ?? null
      },
      signal,
    })
  }

  readPullRequest(place: GithubPlace, fullName: string, number: number, signal: AbortSignal) {
    const route = `GET ${repository}/pulls/{pull_number}`
    return this.#pullRequest(place, { route, parameters: { ...nameToParts(fullName), pull_number: number }, signal })
  }

  async createPullRequest(
    place: GithubPlace,
    fullName: string,
    { head, base, ...text }: PullRequestText & { head: string; base: string },
    signal: AbortSignal,
  ): Promise<GithubAnswer<PullRequest>> {
    const parameters = { ...nameToParts(fullName), head, base, ...clip(text) }
    const made = await this.#pullRequest(place, { route: `POST ${repository}/pulls`, parameters, signal })
    const isThere = !made.ok && made.failure.kind === 'declined' && /already exists/i.test(made.failure.detail)
    if (!isThere) return made
    const found = await this.findPullRequest(place, fullName, { head, base }, signal)
    if (!found.ok) return found
    return found.value?.state === 'open' ? { ok: true, value: found.value } : made
  }

  updatePullRequest(place: GithubPlace, fullName: string, number: number, text: PullRequestText, signal: AbortSignal) {
    const parameters = { ...nameToParts(fullName), pull_number: number, ...clip(text) }
    return this.#pullRequest(place, { route: `PATCH ${repository}/pulls/{pull_number}`, parameters, signal })
  }

  async closePullRequest(
    place: GithubPlace,
    fullName: string,
    number: number,
    comment: string,
    signal: AbortSignal,
  ): Promise<GithubAnswer<PullRequest>> {
    const now = await this.readPullRequest(place, fullName, number, signal)
    if (!now.ok || now.value.state !== 'open') return now
    const parts = nameToParts(fullName)
    const told = await this.#calls.run(place, {
      use: 'pull-requests',
      route: `POST ${repository}/issues/{issue_number}/comments`,
      parameters: { ...parts, issue_number: number, body: cut(comment, bodyCharactersMax) },
      read: () => null,
      signal,
    })
    if (!told.ok) return told
    const parameters = { ...parts, pull_number: number, state: 'closed' }
    return this.#pullRequest(place, { route: `PATCH ${repository}/pulls/{pull_number}`, parameters, signal })
  }

  #pullRequest(place: GithubPlace, call: Pick<Call<PullRequest>, 'route' | 'parameters' | 'signal'>) {
    const read = (data: unknown) => PullRequestAnswer.parse(data).pullRequest
    return this.#calls.run(place, { use: 'pull-requests', read, ...call })
  }
}

const clip = ({ title, body }: PullRequestText): { title: string; body: string } => ({
  title: cut(title, titleCharactersMax),
  body: cut(body, bodyCharactersMax),
})

const cut = (text: string, charactersMax: number): string =>
  text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1).toWellFormed()}…`
