/** The one GitHub App of the stand-in: its keys, its secrets, where GitHub calls it, and how it is made from a manifest. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { Permissions } from './state.ts'

export interface AppHook {
  url: string | null
  secret: string
  contentType: 'json' | 'form'
  active: boolean
}

export interface App {
  id: number
  slug: string
  name: string
  owner: string
  privateKey: string
  publicKey: KeyObject
  clientId: string
  clientSecret: string
  permissions: Permissions
  events: string[]
  hook: AppHook
  /** Where GitHub sends the browser after an installation. */
  setupUrl: string | null
  callbackUrls: string[]
  /** With it the browser goes to the callback, with a code, and not to the setup address. */
  asksUser: boolean
}

/** Events that an App may ask for, each with the permission that it needs. Those about installations come unasked, and may not be asked for. */
export const permissionOfEvent: Record<string, string> = {
  push: 'contents',
  create: 'contents',
  delete: 'contents',
  pull_request: 'pull_requests',
  repository: 'metadata',
  repository_ruleset: 'administration',
  branch_protection_rule: 'administration',
  check_run: 'checks',
  check_suite: 'checks',
  status: 'statuses',
  merge_group: 'merge_queues',
}

export function createApp(id: number): App {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    id,
    slug: 'skein-test',
    name: 'Skein (test)',
    owner: 'octocat',
    privateKey: pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    publicKey: createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' })),
    clientId: `Iv23li${randomBytes(7).toString('hex')}`,
    clientSecret: randomBytes(20).toString('hex'),
    permissions: { contents: 'write', metadata: 'read', pull_requests: 'write' },
    events: Object.keys(permissionOfEvent),
    hook: { url: null, secret: randomBytes(20).toString('hex'), contentType: 'json', active: true },
    setupUrl: null,
    callbackUrls: [],
    asksUser: false,
  }
}

/** The App that GitHub makes of a manifest; it takes the place of the one before. Throws a sentence when the manifest is not one. */
export function createAppOf(id: number, owner: string, manifest: Record<string, unknown>): App {
  const { name, url, hook_attributes: hook, redirect_url: redirect } = manifest
  if (typeof name !== 'string' || name.length > 34) throw new Error('Name is too long (maximum is 34 characters)')
  if (typeof url !== 'string' || !URL.canParse(url)) throw new Error('Url must be a valid URL')
  if (typeof redirect !== 'string' || !URL.canParse(redirect)) throw new Error('Redirect url must be a valid URL')
  const hookUrl = (hook as { url?: unknown } | undefined)?.url
  if (hook !== undefined && (typeof hookUrl !== 'string' || !URL.canParse(hookUrl)))
    throw new Error('Hook url must be a valid URL')
  const permissions: Permissions = { metadata: 'read', ...(manifest.default_permissions as Permissions | undefined) }
  const events = (manifest.default_events as string[] | undefined) ?? []
  const unsupported = events.filter((event) => permissions[permissionOfEvent[event] ?? ''] === undefined)
  if (unsupported.length > 0) throw new Error(`Default events unsupported: ${unsupported.join(', ')}`)
  if (events.length > 0 && hook === undefined) throw new Error('Hook url cannot be blank when events are asked for')
  const app = createApp(id)
  return {
    ...app,
    name,
    owner,
    slug: String(name)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, ''),
    permissions,
    events,
    hook: {
      ...app.hook,
      url: typeof hookUrl === 'string' ? hookUrl : null,
      active: (hook as { active?: boolean } | undefined)?.active !== false && hook !== undefined,
    },
    setupUrl: (manifest.setup_url as string | undefined) ?? null,
    callbackUrls: (manifest.callback_urls as string[] | undefined) ?? [],
    asksUser: manifest.request_oauth_on_install === true,
  }
}

/** An App as GitHub shows it. */
export function presentApp(app: App, origin: string) {
  return {
    id: app.id,
    node_id: `A_${app.id}`,
    slug: app.slug,
    name: app.name,
    owner: { login: app.owner, type: 'User' },
    description: '',
    external_url: 'https://example.org',
    html_url: `${origin}/apps/${app.slug}`,
    client_id: app.clientId,
    permissions: app.permissions,
    events: app.events,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
  }
}
