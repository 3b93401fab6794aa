/**
 * Which Git URLs a stranger may name: `https` on its own port, a DNS name or a public address, nothing in it that could carry a secret or
 * steer Git. Servers that the operator trusts (`GIT_TRUSTED_HOSTS`, `host:port`) may also be plain http, on other ports and private.
 *
 * This judges the text alone; what a name resolves to is judged again for every connection.
 */
import { isIP } from 'node:net'
import { isPublicAddress } from './public-address.ts'

export const remoteUrlCharactersMax = 2000

/** A URL that may be asked, or why not, in words for whoever typed it. */
export type RemoteUrl = { ok: true; url: URL; isTrusted: boolean } | { ok: false; message: string; hint: string }

const hostName = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/
const example = 'Give an address such as https://github.com/owner/repository.git.'

/** Judges one Git URL. `trustedHosts` are `host:port`. */
export function checkRemoteUrl(text: string, trustedHosts: readonly string[]): RemoteUrl {
  const trimmed = text.trim()
  if (trimmed.length > remoteUrlCharactersMax)
    return refuse(`This URL is longer than ${remoteUrlCharactersMax} characters.`, example)
  if (/[\s\p{Cc}\\]/u.test(trimmed))
    return refuse('This URL holds spaces, backslashes or invisible characters.', example)
  const ssh = /^(?:ssh:\/\/)?(?:[\w.-]+@)([\w.-]+)[:/](.+)$/.exec(trimmed)
  if (ssh !== null && !/^https?:/i.test(trimmed)) {
    return refuse('Skein fetches over https, not over ssh.', `Try https://${ssh[1]}/${ssh[2]}`)
  }
  const url = URL.parse(trimmed)
  if (url === null) return refuse('This is not a URL.', example)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refuse(`Skein fetches over https, not over ${url.protocol.slice(0, -1)}.`, example)
  }
  return checkParts(url, trustedHosts)
}

function checkParts(url: URL, trustedHosts: readonly string[]): RemoteUrl {
  if (url.username !== '' || url.password !== '') {
    return refuse(
      'This URL holds a user name or a password, which would be stored with the project.',
      'Remove everything before the @. Private repositories on GitHub are linked through the GitHub App.',
    )
  }
  if (url.search !== '' || url.hash !== '') return refuse('A Git URL has no ? and no #.', example)
  if (url.pathname === '/') return refuse('This URL names a server but no repository.', example)

  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  const isTrusted = trustedHosts.some((host) => host.toLowerCase() === `${url.hostname}:${port}`)
  if (isTrusted) return { ok: true, url, isTrusted }

  if (url.protocol === 'http:') {
    return refuse(
      'Skein fetches over https: plain http could be changed on its way.',
      'Use the https address. For a server inside your network, ask the operator to add it to GIT_TRUSTED_HOSTS.',
    )
  }
  if (url.port !== '') {
    return refuse(
      `Skein fetches on the usual https port, not on ${url.port}.`,
      'For a server inside your network, ask the operator to add it to GIT_TRUSTED_HOSTS.',
    )
  }
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  const isReachable = isIP(literal) === 0 ? hostName.test(url.hostname) : isPublicAddress(literal)
  if (!isReachable) {
    return refuse(
      `“${url.hostname}” is not a public host name.`,
      'For a server inside your network, ask the operator to add it to GIT_TRUSTED_HOSTS.',
    )
  }
  return { ok: true, url, isTrusted: false }
}

const refuse = (message: string, hint: string): RemoteUrl => ({ ok: false, message, hint })
