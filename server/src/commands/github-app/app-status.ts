/** Where the instance stands with its GitHub App and its webhook, for the admin's page. */
import { type Database, deliveryQueries } from '@skein/db'
import type { GithubAppStatus } from '@skein/protocol'
import type { GithubAnswer } from '../github/github-host.ts'
import type { GithubAccount } from './github-account.ts'
import { type GithubApp, type GithubApps, onceForEachApp } from './github-apps.ts'
import { isReachable, webhookUrl } from './manifest.ts'

export interface ShownAppDeps {
  apps: GithubApps
  account: Pick<GithubAccount, 'readShown'>
  webUrl: string
}

export type ShownApp = NonNullable<GithubApp['shown']>

/** How GitHub shows the App: asked for once, because settings do not say. */
export function createShownApp({ account }: Pick<ShownAppDeps, 'account'>) {
  const remembered = onceForEachApp((app) => ({ shown: app.shown }))
  return async (app: GithubApp, signal: AbortSignal): Promise<GithubAnswer<ShownApp>> => {
    const memory = remembered(app)
    if (memory.shown !== null) return { ok: true, value: memory.shown }
    const answer = await account.readShown(app, signal)
    if (answer.ok) memory.shown = answer.value
    return answer
  }
}

export interface AppStatusDeps extends ShownAppDeps {
  db: Database
  publicUrl: string
  apiUrl: string
  readShown: ReturnType<typeof createShownApp>
}

/** GitHub's page where the App is installed. */
export const installPage = (webUrl: string, { slug }: ShownApp): string =>
  // github.com and a GitHub of one's own name the page differently.
  `${webUrl}/${new URL(webUrl).hostname === 'github.com' ? 'apps' : 'github-apps'}/${encodeURIComponent(slug)}/installations/new`

export async function readAppStatus(deps: AppStatusDeps, signal: AbortSignal): Promise<GithubAppStatus> {
  const { apps, db, publicUrl, apiUrl, webUrl } = deps
  const app = await apps.read()
  const answer = app && (await deps.readShown(app, signal))
  const shown = answer?.ok ? answer.value : null
  const { lastAt, ...counts } = await deliveryQueries.countDeliveries(db.instance)
  return {
    source: app?.source ?? 'none',
    app: app && { id: app.id, slug: shown?.slug ?? null, name: shown?.name ?? null, url: shown?.htmlUrl ?? null },
    installUrl: shown && installPage(webUrl, shown),
    webhook: {
      url: webhookUrl(publicUrl),
      isReachable: isReachable(publicUrl, apiUrl),
      lastDeliveryAt: lastAt?.toISOString() ?? null,
      ...counts,
    },
  }
}
