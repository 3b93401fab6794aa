/**
 * Deliveries that GitHub could not bring, because Skein was away or slow: GitHub tries once and remembers them for some days. What it remembers of one is
 * all that is used of a delivery anyway, so none has to be sent again: it is kept as if it had come.
 */
import { type Database, deliveryQueries } from '@skein/db'
import type { GithubAnswer } from '../github/github-host.ts'
import type { GithubApp, GithubApps } from '../github-app/github-apps.ts'

/** Port: GitHub's own list of what it sent. */
export interface SentDeliveries {
  /** A page of 100, newest first; `cursor` is what the page before gave. */
  list(
    app: GithubApp,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<GithubAnswer<{ deliveries: SentDelivery[]; next: string | null }>>
}

export interface SentDelivery extends deliveryQueries.NewDelivery {
  hasArrived: boolean
}

export interface MissedDeps {
  db: Database
  apps: Pick<GithubApps, 'read'>
  sent: SentDeliveries
}

/** Of 100 deliveries each; what is older is left to the regular look of each project. */
const pagesMax = 10

/** Takes up what did not arrive; returns how many that were. GitHub that does not answer is asked again in an hour. */
export async function recoverMissedDeliveries({ db, apps, sent }: MissedDeps, signal: AbortSignal): Promise<number> {
  const app = await apps.read()
  if (app === null || app.webhookSecret === null) return 0
  let recovered = 0
  let cursor: string | null = null
  for (let page = 0; page < pagesMax; page += 1) {
    const answer: Awaited<ReturnType<SentDeliveries['list']>> = await sent.list(app, cursor, signal)
    if (!answer.ok) return recovered
    for (const { hasArrived, ...delivery } of answer.value.deliveries) {
      if (!hasArrived && (await deliveryQueries.recoverDelivery(db.instance, delivery))) recovered += 1
    }
    cursor = answer.value.next
    if (cursor === null) return recovered
  }
  return recovered
}
