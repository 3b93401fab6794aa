/**
 * The GitHub App of this instance: by settings, or made from the admin page and kept sealed in the database. Settings win. It is read anew every
 * few seconds, so that an App that was just made or removed counts on every node without a restart; whoever needs it asks when it needs it.
 */
import { githubAppQueries, type Sql } from '@skein/db'
import { Refusal } from '@skein/protocol'
import { z } from 'zod'
import type { GithubAppConfig } from '../../config/config.ts'
import type { Secrets } from '../../config/secrets.ts'

export interface GithubApp extends GithubAppConfig {
  readonly source: 'settings' | 'manifest'
  /** What GitHub shows; null: only GitHub knows, because the settings do not say. */
  readonly shown: { readonly slug: string; readonly name: string; readonly htmlUrl: string } | null
}

export interface GithubApps {
  /** Whether the settings name the App. */
  readonly isBySettings: boolean
  /** The App as it is now, at most some seconds old; null: there is none. @throws Refusal when its secrets do not open */
  read(): Promise<GithubApp | null>
  /** Whether there is one; answered also when its secrets cannot be opened. */
  exists(): Promise<boolean>
  /** What was read counts no more: this node has just changed it. */
  forget(): void
}

export interface GithubAppsDeps {
  sql: Sql
  secrets: Pick<Secrets, 'open'>
  /** The App that the settings name. */
  settings: GithubAppConfig | null
  now: () => Date
}

/** How long another node's change may go unnoticed. */
const keptMs = 2000

export function createGithubApps({ sql, secrets, settings, now }: GithubAppsDeps): GithubApps {
  if (settings !== null) {
    const app: GithubApp = { ...settings, source: 'settings', shown: null }
    return { isBySettings: true, read: async () => app, exists: async () => true, forget: () => {} }
  }
  let kept: { app: Promise<GithubApp | null>; at: number } | null = null
  const read = async (): Promise<GithubApp | null> => {
    const row = await githubAppQueries.findGithubApp(sql)
    return row && rowToApp(secrets, row)
  }
  return {
    isBySettings: false,
    read: () => {
      const at = now().getTime()
      if (kept !== null && Math.abs(at - kept.at) < keptMs) return kept.app
      const app = read()
      const entry = { app, at }
      kept = entry
      app.catch(() => {
        if (kept === entry) kept = null
      })
      return app
    },
    exists: async () => (await githubAppQueries.findGithubApp(sql)) !== null,
    forget: () => {
      kept = null
    },
  }
}

/** What a secret of the App is sealed for: its column, and the App that it belongs to. */
export const sealedFor = (appId: string, column: 'private_key' | 'webhook_secret' | 'client_secret'): string =>
  `github_app ${appId} ${column}`

function rowToApp(secrets: Pick<Secrets, 'open'>, row: githubAppQueries.GithubAppRow): GithubApp {
  const { appId: id, slug, name, htmlUrl, clientId } = row
  const open = (sealed: string | null, column: Parameters<typeof sealedFor>[1]) =>
    sealed === null ? null : openSealed(secrets, sealed, sealedFor(id, column))
  const clientSecret = open(row.clientSecret, 'client_secret')
  return {
    source: 'manifest',
    id,
    privateKey: z.string().parse(open(row.privateKey, 'private_key')),
    webhookSecret: open(row.webhookSecret, 'webhook_secret'),
    client: clientSecret === null ? null : { id: clientId, secret: clientSecret },
    shown: { slug, name, htmlUrl },
  }
}

/** The instance was started with another key than the secrets were sealed with, or somebody changed them: whoever asks is told, in words. */
function openSealed(secrets: Pick<Secrets, 'open'>, sealed: string, boundTo: string): string {
  try {
    return secrets.open(sealed, boundTo)
  } catch {
    throw new Refusal(
      'github-not-configured',
      'The secrets of the GitHub App do not open with the key of this Skein.',
      {
        hint: 'Start it with the SECRET_KEY that they were sealed with (as SECRET_KEY_PREVIOUS, to change it), or remove the App here and make it anew.',
      },
    )
  }
}

/** Gives what was built for the App as long as the App is the same: clients keep tokens, which belong to one App. */
export function onceForEachApp<T>(build: (app: GithubApp) => T): (app: GithubApp) => T {
  let built: { id: string; privateKey: string; value: T } | null = null
  return (app) => {
    if (built === null || built.id !== app.id || built.privateKey !== app.privateKey)
      built = { id: app.id, privateKey: app.privateKey, value: build(app) }
    return built.value
  }
}
