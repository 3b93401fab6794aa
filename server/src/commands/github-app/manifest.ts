/**
 * What a new GitHub App is asked to be: the manifest that the admin's browser posts to GitHub. No more rights than sync uses. Events about
 * installations come by themselves and may not be asked for; those about branch rules would need the right to administer repositories, and are not
 * worth it: rules are advice, read now and then, and the outcome of a push is the truth.
 */
import ipaddr from 'ipaddr.js'

const permissions = {
  contents: 'write',
  pull_requests: 'write',
  metadata: 'read',
  checks: 'read',
  statuses: 'read',
  workflows: 'write',
} as const

const events = ['push', 'create', 'delete', 'pull_request', 'check_suite', 'repository'] as const

/** GitHub's limit for the name of an App. */
const nameCharactersMax = 34

/** Addresses of this Skein that GitHub is told of; `publicUrl` has no slash at its end. */
export const createdUrl = (publicUrl: string): string => `${publicUrl}/api/v1/github/app/created`
export const installedUrl = (publicUrl: string): string => `${publicUrl}/api/v1/github/installed`
export const webhookUrl = (publicUrl: string): string => `${publicUrl}/webhooks/github`

/**
 * Whether GitHub can call this Skein, as far as addresses tell. github.com reaches public names alone, and refuses a manifest that says otherwise; a GitHub
 * of one's own may be in the same network.
 */
export function isReachable(publicUrl: string, apiUrl: string): boolean {
  if (new URL(apiUrl).hostname !== 'api.github.com') return true
  const { hostname } = new URL(publicUrl)
  const address = hostname.replace(/^\[|\]$/g, '')
  if (ipaddr.isValid(address)) return ipaddr.process(address).range() === 'unicast'
  return hostname.includes('.') && !/\.(?:local|localhost|internal|lan|home\.arpa|test|invalid)$/.test(hostname)
}

/** The manifest as the text of the form's one field. */
export function makeManifest({ publicUrl, apiUrl }: { publicUrl: string; apiUrl: string }): string {
  return JSON.stringify({
    name: `Skein ${new URL(publicUrl).hostname}`.slice(0, nameCharactersMax),
    url: publicUrl,
    redirect_url: createdUrl(publicUrl),
    callback_urls: [installedUrl(publicUrl)],
    setup_url: installedUrl(publicUrl),
    setup_on_update: false,
    request_oauth_on_install: true,
    public: false,
    default_permissions: permissions,
    // Without a webhook no event may be asked for; then Skein looks by itself, every some seconds or minutes.
    ...(isReachable(publicUrl, apiUrl) && {
      hook_attributes: { url: webhookUrl(publicUrl), active: true },
      default_events: events,
    }),
  })
}
