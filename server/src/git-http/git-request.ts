/**
 * What a request below `/git` asks for. Only the four requests of smart HTTP exist here; the file-by-file protocol of
 * old clients does not.
 */
import type { IncomingMessage } from 'node:http'

export type GitService = 'upload-pack' | 'receive-pack'

export interface GitRequest {
  /** Slug or id, as they stand in the address. */
  workspace: string
  project: string
  service: GitService
  /** Advertisement of refs (`info/refs`), or the exchange itself. */
  part: 'refs' | 'exchange'
}

const address = /^\/git\/([\w-]{1,64})\/([\w-]{1,64})(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/

/** Null when nothing is served at this address, or not by this method. */
export function readGitRequest(request: IncomingMessage): GitRequest | null {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  const match = address.exec(path)
  if (!match) return null
  const [, workspace = '', project = '', resource = ''] = match
  const part = resource === 'info/refs' ? 'refs' : 'exchange'
  const name = part === 'refs' ? new URLSearchParams(query).get('service') : resource
  const service = name === 'git-upload-pack' ? 'upload-pack' : name === 'git-receive-pack' ? 'receive-pack' : null
  if (service === null || request.method !== (part === 'refs' ? 'GET' : 'POST')) return null
  return { workspace, project, service, part }
}

/** The token of a request: the password of Basic authentication (the user name is free), or a bearer token. */
export function readToken(authorization: string | undefined): string | null {
  const [, scheme, value] = /^(Basic|Bearer) +(\S+) *$/i.exec(authorization ?? '') ?? []
  if (!scheme || !value) return null
  if (scheme.toLowerCase() === 'bearer') return value
  const pair = Buffer.from(value, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon < 0 ? null : pair.slice(colon + 1) || null
}
