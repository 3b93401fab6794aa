/** The App and its installations, over REST: what it is, where it is installed, tokens, and what an installation reaches. */
import { type Call, type Route, requireApp, requireToken } from './access.ts'
import { answerJson, answerPage, Refused } from './answers.ts'
import { createAppOf, presentApp } from './app.ts'
import { presentInstallation, presentRepository } from './present.ts'
import { addToken, type Installation, nextId, now, type Permissions, reaches, repositoriesOf } from './state.ts'

export const appRoutes: Route[] = [
  { method: 'GET', pattern: /^\/app$/, answer: getApp },
  { method: 'GET', pattern: /^\/app\/installations$/, answer: listInstallations },
  { method: 'GET', pattern: /^\/app\/installations\/(\d+)$/, answer: getInstallation },
  { method: 'POST', pattern: /^\/app\/installations\/(\d+)\/access_tokens$/, answer: createToken },
  { method: 'GET', pattern: /^\/installation\/repositories$/, answer: listRepositories },
  { method: 'POST', pattern: /^\/app-manifests\/([\w-]+)\/conversions$/, answer: convertManifest },
]

function getApp(call: Call): void {
  requireApp(call)
  answerJson(call, 200, {
    ...presentApp(call.world.app, call.origin),
    installations_count: call.world.installations.size,
  })
}

function listInstallations(call: Call): void {
  requireApp(call)
  answerPage(call, [...call.world.installations.values()], (page) =>
    page.map((installation) => presentInstallation(call.world, installation)),
  )
}

function installationOf(call: Call): Installation {
  const installation = call.world.installations.get(Number(call.parts[0]))
  if (installation === undefined) throw new Refused('installation-unknown')
  return installation
}

function getInstallation(call: Call): void {
  requireApp(call)
  answerJson(call, 200, presentInstallation(call.world, installationOf(call)))
}

function createToken(call: Call): void {
  requireApp(call)
  const { world, body } = call
  const installation = installationOf(call)
  if (installation.suspended) throw new Refused('installation-suspended')
  const wanted = (body.repository_ids as number[] | undefined) ?? null
  const reached = repositoriesOf(world, installation).map(({ id }) => id)
  if (wanted !== null && !wanted.every((id) => reached.includes(id))) throw new Refused('token-repositories')
  const permissions = (body.permissions ?? installation.permissions) as Permissions
  for (const [name, level] of Object.entries(permissions)) {
    const granted = name === 'metadata' ? 'read' : installation.permissions[name]
    if (granted === undefined || (level === 'write' && granted === 'read')) throw new Refused('token-permissions')
  }
  const token = addToken(world, { installationId: installation.id, repositoryIds: wanted, permissions })
  answerJson(call, 201, {
    token: token.value,
    expires_at: new Date(token.expiresAt).toISOString(),
    permissions: { metadata: 'read', ...permissions },
    repository_selection: wanted === null ? installation.selection : 'selected',
  })
}

function listRepositories(call: Call): void {
  const { token, installation } = requireToken(call)
  const { world } = call
  const all = repositoriesOf(world, installation).filter((repository) => reaches(world, token, repository))
  answerPage(call, all, (page) => ({
    total_count: all.length,
    repository_selection: installation.selection,
    repositories: page.map((repository) => presentRepository(world, repository)),
  }))
}

/** Once for each code: the App comes to be, with the secrets that are shown this one time. */
function convertManifest(call: Call): void {
  const { world } = call
  const code = call.parts[0] ?? ''
  const found = world.codes.get(code)
  if (found?.kind !== 'manifest' || found.expiresAt <= now(world)) throw new Refused('manifest-code')
  world.codes.delete(code)
  world.app = createAppOf(nextId(world), found.owner, found.manifest)
  answerJson(call, 201, {
    ...presentApp(world.app, call.origin),
    client_secret: world.app.clientSecret,
    webhook_secret: world.app.hook.url === null ? null : world.app.hook.secret,
    pem: world.app.privateKey,
  })
}
