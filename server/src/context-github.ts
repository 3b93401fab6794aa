/**
 * The part of the composition root that has to do with GitHub: the App of this instance, which may come and go while it runs, both doors to GitHub
 * in its name, and its webhook. `context.ts` puts it together with everything else.
 */
import { randomBytes } from 'node:crypto'
import { installationQueries } from '@skein/db'
import type { UntrustedGit } from './adapters/egress/untrusted-git.ts'
import { GithubGitRemote } from './adapters/github/git-remote.ts'
import type { OnQuota } from './adapters/github/installation-calls.ts'
import { InstallationTokens } from './adapters/github/installation-tokens.ts'
import { GithubRestApi } from './adapters/github/rest-api.ts'
import { OctokitGithubAccount } from './adapters/github-app/octokit-github-account.ts'
import { OctokitSentDeliveries } from './adapters/github-app/octokit-sent-deliveries.ts'
import type { ApiRoutes } from './api/env.ts'
import { webhookRoutes } from './api/webhooks.ts'
import { recoverMissedDeliveries } from './commands/deliveries/missed-deliveries.ts'
import { Rejections } from './commands/deliveries/rejections.ts'
import { workDelivery } from './commands/deliveries/work-delivery.ts'
import { createShownApp } from './commands/github-app/app-status.ts'
import { createGithubApps } from './commands/github-app/github-apps.ts'
import type { ContextParts } from './context.ts'
import { DeliveryLoop } from './jobs/delivery-loop.ts'

type LogFault = (error: unknown, about?: object) => void

export type GithubAppParts = ReturnType<typeof buildGithubApp>

/** The App, and what is asked of GitHub about it. */
export function buildGithubApp({ config, database: db, secrets }: ContextParts) {
  const { publicUrl, isLocal, github } = config
  const { apiUrl, gitUrl: webUrl } = github
  const now = (): Date => new Date()
  const apps = createGithubApps({ sql: db.instance, secrets, settings: github.app, now })
  const account = new OctokitGithubAccount({ apiUrl, webUrl })
  const readShown = createShownApp({ account })
  return { db, apps, account, readShown, secrets, publicUrl, apiUrl, webUrl, isLocal, now, randomBytes }
}

/** GitHub by its two doors, in the name of whatever App there is. */
export function buildGithub({ config, database, log }: ContextParts, { apps }: GithubAppParts, git: UntrustedGit) {
  const { apiUrl, gitUrl } = config.github
  const tokens = new InstallationTokens({ apiUrl, readApp: () => apps.read() })
  const onQuota: OnQuota = (installation, quota) => {
    installationQueries
      .recordQuota(database.instance, installation, quota)
      .catch((error: unknown) => log.warn({ err: error }, 'what is left of GitHub’s API could not be noted'))
  }
  return {
    remote: new GithubGitRemote({ gitUrl, git, tokens }),
    api: new GithubRestApi({ apiUrl, tokens, onQuota }),
  }
}

/** What GitHub calls. */
export function buildWebhooks({ metrics }: ContextParts, { db, apps }: GithubAppParts, logFault: LogFault): ApiRoutes {
  return webhookRoutes({
    tx: db.instance,
    apps,
    rejections: new Rejections({ tx: db.instance, logFault }),
    onReceived: metrics.counterBy('skein_deliveries_total', 'Calls of GitHub’s webhook', 'how'),
  })
}

/** What works on what GitHub called for. */
export function buildDeliveries({ metrics }: ContextParts, parts: GithubAppParts, logFault: LogFault): DeliveryLoop {
  const sent = new OctokitSentDeliveries({ apiUrl: parts.apiUrl })
  return new DeliveryLoop({
    db: parts.db,
    work: (delivery, signal) => workDelivery(parts, delivery, signal),
    recoverMissed: (signal) => recoverMissedDeliveries({ ...parts, sent }, signal),
    onWorked: metrics.counterBy('skein_deliveries_worked_total', 'Deliveries that were worked on', 'outcome'),
    logFault,
  })
}
