/** GitHub through its REST API and Git's HTTP. A 401 is answered once with a fresh token, everything else is told. */
import { z } from 'zod'
import type {
  GithubAnswer,
  GithubFailure,
  GithubHost,
  GithubPlace,
  GithubRepository,
  PushAnswer,
} from '../../commands/github/github-host.ts'
import { type GitDoorOptions, pushBranch, readBranch } from './git-door.ts'
import { createRest, type GithubAppSettings, InstallationTokens, type Rest, restAnswer } from './installation-tokens.ts'

export type GithubHostOptions = GithubAppSettings & GitDoorOptions

/** The part of GitHub's answer that is used; its names become part of URLs, so they are looked at. */
const Repository = z.object({
  full_name: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  html_url: z.url({ protocol: /^https?$/ }),
  default_branch: z.string().min(1),
  archived: z.boolean(),
  private: z.boolean(),
})

export class OctokitGithubHost implements GithubHost {
  readonly #door: GitDoorOptions
  readonly #tokens: InstallationTokens
  readonly #rest: Rest

  constructor(options: GithubHostOptions) {
    this.#door = options
    this.#tokens = new InstallationTokens(options)
    this.#rest = new (createRest(options.apiUrl))()
  }

  readRepository(place: GithubPlace, signal: AbortSignal): Promise<GithubAnswer<GithubRepository>> {
    return this.#withToken(place, signal, (token) =>
      restAnswer('repository', async () => {
        const { data, headers } = await this.#rest.request('GET /repositories/{repository_id}', {
          repository_id: place.repositoryId,
          headers: { authorization: `token ${token}` },
        })
        const quota = Number(headers['x-ratelimit-remaining'])
        const {
          full_name: fullName,
          html_url: htmlUrl,
          default_branch: defaultBranch,
          archived,
          private: isPrivate,
        } = Repository.parse(data)
        return {
          fullName,
          htmlUrl,
          defaultBranch,
          archived,
          isPrivate,
          quotaLeft: Number.isFinite(quota) ? quota : null,
        }
      }),
    )
  }

  readBranch(place: GithubPlace, fullName: string, branch: string, signal: AbortSignal) {
    return this.#withToken(place, signal, (token) => readBranch(this.#door, token, fullName, branch, signal))
  }

  async push(place: GithubPlace, request: Parameters<GithubHost['push']>[1], signal: AbortSignal): Promise<PushAnswer> {
    for (const refresh of [false, true]) {
      const token = await this.#tokens.mint(place, refresh)
      if (!token.ok) return { outcome: 'failed', failure: token.failure }
      const answer = await pushBranch(this.#door, token.value, request, signal)
      if (!(answer.outcome === 'failed' && isDisbelieved(answer.failure)) || refresh) return answer
    }
    throw new Error('a loop of two rounds did not end in the second')
  }

  async #withToken<T>(
    place: GithubPlace,
    signal: AbortSignal,
    call: (token: string) => Promise<GithubAnswer<T>>,
  ): Promise<GithubAnswer<T>> {
    signal.throwIfAborted()
    const token = await this.#tokens.mint(place, false)
    if (!token.ok) return token
    const answer = await call(token.value)
    if (answer.ok || !isDisbelieved(answer.failure)) return answer
    const fresh = await this.#tokens.mint(place, true)
    return fresh.ok ? call(fresh.value) : fresh
  }
}

const isDisbelieved = ({ kind }: GithubFailure): boolean => kind === 'unauthorized'
