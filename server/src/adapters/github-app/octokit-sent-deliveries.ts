/** GitHub's list of the deliveries that it tried to bring. */
import { App } from '@octokit/app'
import type { SentDeliveries } from '../../commands/deliveries/missed-deliveries.ts'
import { type GithubApp, onceForEachApp } from '../../commands/github-app/github-apps.ts'
import { createRest, restAnswer, silent } from '../github/rest.ts'
import { SentAnswer } from './answers.ts'

export class OctokitSentDeliveries implements SentDeliveries {
  readonly #clientOf: (app: GithubApp) => App

  constructor({ apiUrl }: { apiUrl: string }) {
    const Octokit = createRest(apiUrl)
    this.#clientOf = onceForEachApp(
      (app) => new App({ appId: app.id, privateKey: app.privateKey, Octokit, log: silent }),
    )
  }

  list: SentDeliveries['list'] = (app, cursor, signal) =>
    restAnswer('repository', async () => {
      const { data, headers } = await this.#clientOf(app).octokit.request('GET /app/hook/deliveries', {
        per_page: 100,
        ...(cursor !== null && { cursor }),
        request: { signal },
      })
      const deliveries = SentAnswer.parse(data).map((one) => ({
        id: one.guid,
        event: one.event,
        action: one.action,
        installationId: one.installation_id,
        repositoryId: one.repository_id,
        ref: null,
        hasArrived: one.status_code >= 200 && one.status_code < 300,
      }))
      return { deliveries, next: nextCursor(headers.link) }
    })
}

/** GitHub gives the place of the next page in the address of its `Link` header. */
function nextCursor(link: string | undefined): string | null {
  const address = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1]
  return URL.parse(address ?? '')?.searchParams.get('cursor') ?? null
}
