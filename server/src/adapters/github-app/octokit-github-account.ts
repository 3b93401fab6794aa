/** The App at GitHub: made, installed, and asked what it reaches. Tokens of people live as long as the call that needs them, and are never kept. */
import { App } from '@octokit/app'
import type { GithubAnswer } from '../../commands/github/github-host.ts'
import type { GithubAccount, MadeApp, Proof, RepositoryFacts } from '../../commands/github-app/github-account.ts'
import { type GithubApp, onceForEachApp } from '../../commands/github-app/github-apps.ts'
import type { Asked } from '../github/github-errors.ts'
import { createRest, restAnswer, silent } from '../github/rest.ts'
import {
  AppAnswer,
  InstallationAnswer,
  InstallationsAnswer,
  ManifestAnswer,
  RepositoriesAnswer,
  RepositoryAnswer,
  RightsAnswer,
} from './answers.ts'
import { exchangeCode } from './exchange-code.ts'

export interface OctokitGithubAccountOptions {
  /** GITHUB_API_URL and GITHUB_GIT_URL, without a slash at the end. */
  apiUrl: string
  webUrl: string
}

const perPage = 100
/** Installations of one App that one person sees. */
const installationPagesMax = 10
/** Repositories of an installation that are looked at before its person is believed: 2,000. */
const proofPagesMax = 20

type Client = InstanceType<ReturnType<typeof createRest>>

export class OctokitGithubAccount implements GithubAccount {
  readonly #options: OctokitGithubAccountOptions
  readonly #anonymous: Client
  readonly #clientOf: (app: GithubApp) => App

  constructor(options: OctokitGithubAccountOptions) {
    this.#options = options
    const Rest = createRest(options.apiUrl)
    this.#anonymous = new Rest()
    this.#clientOf = onceForEachApp(
      (app) => new App({ appId: app.id, privateKey: app.privateKey, Octokit: Rest, log: silent }),
    )
  }

  makeApp(code: string, signal: AbortSignal): Promise<GithubAnswer<MadeApp>> {
    return ask('repository', signal, async () => {
      const { data } = await this.#anonymous.request('POST /app-manifests/{code}/conversions', {
        code,
        request: { signal },
      })
      return ManifestAnswer.parse(data)
    })
  }

  readShown(app: GithubApp, signal: AbortSignal) {
    return ask('repository', signal, async () => {
      const { data } = await this.#clientOf(app).octokit.request('GET /app', { request: { signal } })
      return AppAnswer.parse(data)
    })
  }

  readInstallation(app: GithubApp, installationId: number, signal: AbortSignal) {
    return ask('installation', signal, async () => {
      const { data } = await this.#clientOf(app).octokit.request('GET /app/installations/{installation_id}', {
        installation_id: installationId,
        request: { signal },
      })
      return InstallationAnswer.parse(data)
    })
  }

  async listRepositories(app: GithubApp, installationId: number, page: number, signal: AbortSignal) {
    const token = await this.#token(app, installationId, { metadata: 'read' }, signal)
    if (!token.ok) return token
    return ask('repository', signal, async () => {
      const { data } = await this.#anonymous.request('GET /installation/repositories', {
        per_page: perPage,
        page,
        headers: { authorization: `token ${token.value}` },
        request: { signal },
      })
      const { total, repositories } = RepositoriesAnswer.parse(data)
      return { repositories, isLast: repositories.length === 0 || page * perPage >= total }
    })
  }

  async createRepository(
    app: GithubApp,
    { installationId, organization }: { installationId: number; organization: string },
    { name, isPrivate }: { name: string; isPrivate: boolean },
    signal: AbortSignal,
  ): Promise<GithubAnswer<RepositoryFacts>> {
    const token = await this.#token(app, installationId, { administration: 'write', metadata: 'read' }, signal)
    if (!token.ok) return token
    return ask('repository', signal, async () => {
      const { data } = await this.#anonymous.request('POST /orgs/{org}/repos', {
        org: organization,
        name,
        private: isPrivate,
        auto_init: false,
        headers: { authorization: `token ${token.value}` },
        request: { signal },
      })
      return { ...RepositoryAnswer.parse(data), isEmpty: true }
    })
  }

  /** The person must see the installation, and be allowed to push to as many repositories as it reaches. */
  async prove(
    app: GithubApp,
    way: { code: string; redirectUrl: string },
    installationId: number,
    signal: AbortSignal,
  ): Promise<GithubAnswer<Proof>> {
    const exchanged = await exchangeCode(this.#options.webUrl, app, way, signal)
    if (!exchanged.ok) return exchanged
    if (exchanged.value === null) return { ok: true, value: 'wrong-code' }
    const authorization = `token ${exchanged.value}`
    const sees = await this.#sees(authorization, installationId, signal)
    if (!sees.ok) return sees
    if (!sees.value) return { ok: true, value: 'not-theirs' }
    const reached = await this.#countReached(app, installationId, signal)
    if (!reached.ok) return reached
    const writable = await this.#countWritable(authorization, installationId, signal)
    if (!writable.ok) return writable
    // Of nothing everybody may write to everything; what is chosen later would be theirs unproven.
    const isProven = reached.value > 0 && writable.value >= reached.value
    return { ok: true, value: isProven ? 'proven' : 'partly' }
  }

  #sees(authorization: string, installationId: number, signal: AbortSignal): Promise<GithubAnswer<boolean>> {
    return ask('repository', signal, async () => {
      for (let page = 1; page <= installationPagesMax; page += 1) {
        const { data } = await this.#anonymous.request('GET /user/installations', {
          per_page: perPage,
          page,
          headers: { authorization },
          request: { signal },
        })
        const { total_count: total, installations } = InstallationsAnswer.parse(data)
        if (installations.some(({ id }) => id === installationId)) return true
        if (installations.length === 0 || page * perPage >= total) return false
      }
      return false
    })
  }

  async #countReached(app: GithubApp, installationId: number, signal: AbortSignal): Promise<GithubAnswer<number>> {
    const token = await this.#token(app, installationId, { metadata: 'read' }, signal)
    if (!token.ok) return token
    return ask('repository', signal, async () => {
      const { data } = await this.#anonymous.request('GET /installation/repositories', {
        per_page: 1,
        headers: { authorization: `token ${token.value}` },
        request: { signal },
      })
      return RepositoriesAnswer.parse(data).total
    })
  }

  #countWritable(authorization: string, installationId: number, signal: AbortSignal): Promise<GithubAnswer<number>> {
    return ask('repository', signal, async () => {
      let writable = 0
      for (let page = 1; page <= proofPagesMax; page += 1) {
        const { data } = await this.#anonymous.request('GET /user/installations/{installation_id}/repositories', {
          installation_id: installationId,
          per_page: perPage,
          page,
          headers: { authorization },
          request: { signal },
        })
        const { total, mayPush } = RightsAnswer.parse(data)
        const here = mayPush.filter(Boolean).length
        writable += here
        // One that may not be written to is enough, and so are no more pages.
        if (here < mayPush.length || mayPush.length === 0 || page * perPage >= total) return writable
      }
      return writable
    })
  }

  #token(app: GithubApp, installationId: number, permissions: Record<string, string>, signal: AbortSignal) {
    return ask('token', signal, async () => {
      const asked = { type: 'installation' as const, installationId, permissions }
      const { token } = (await this.#clientOf(app).octokit.auth(asked)) as { token: string }
      return token
    })
  }
}

/** What the library throws as a value; an aborted call rejects. */
async function ask<T>(asked: Asked, signal: AbortSignal, call: () => Promise<T>): Promise<GithubAnswer<T>> {
  signal.throwIfAborted()
  const answer = await restAnswer(asked, call)
  signal.throwIfAborted()
  return answer
}
