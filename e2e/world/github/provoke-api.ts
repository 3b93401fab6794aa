/** One provocation for every refusal of the API. */
import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'vitest'
import { everyPermission, type Seen, seconds, type Visitor } from './visitor.ts'

export function apiProvocations(visitor: Visitor): Record<string, () => Promise<Seen>> {
  const { github, api, jwt, mintToken, makePlace } = visitor
  return {
    'api-unknown': () => api('GET', '/zen', jwt()),
    'api-no-user-agent': async () => {
      // fetch always names itself; a bare request does not.
      const { request } = await import('node:http')
      return new Promise((resolve) => {
        request(`${github.apiUrl}/app`, async (answer) => {
          resolve({ status: answer.statusCode ?? 0, text: (await answer.toArray()).join('') })
        }).end()
      })
    },
    'api-no-credentials': () => api('GET', '/app', null),
    'jwt-undecodable': () =>
      api(
        'GET',
        '/app',
        jwt(
          {},
          generateKeyPairSync('rsa', { modulusLength: 2048 })
            .privateKey.export({ type: 'pkcs1', format: 'pem' })
            .toString(),
        ),
      ),
    'jwt-issuer': () => api('GET', '/app', jwt({ iss: 1 })),
    'jwt-expired': () => api('GET', '/app', jwt({ exp: seconds() - 1 })),
    'jwt-too-long': () => api('GET', '/app', jwt({ exp: seconds() + 700 })),
    'jwt-issued-later': () => api('GET', '/app', jwt({ iat: seconds() + 120 })),
    'api-bad-token': async () => {
      const token = await mintToken(await makePlace())
      await github.control('POST', 'tokens/expire')
      return api('GET', '/installation/repositories', token)
    },
    'api-token-for-app-call': async () => api('GET', '/app', await mintToken(await makePlace())),
    'api-jwt-for-installation-call': () => api('GET', '/installation/repositories', jwt()),
    'installation-unknown': () => api('POST', '/app/installations/1/access_tokens', jwt(), {}),
    'installation-suspended': async () => {
      const place = await makePlace()
      await github.control('PATCH', `installations/${place.installationId}`, { suspended: true })
      return api('POST', `/app/installations/${place.installationId}/access_tokens`, jwt(), {})
    },
    'token-repositories': async () => {
      const [mine, other] = [await makePlace(), await makePlace()]
      return api('POST', `/app/installations/${mine.installationId}/access_tokens`, jwt(), {
        repository_ids: [other.repositoryId],
      })
    },
    'token-permissions': async () => {
      const place = await makePlace({}, { contents: 'read' })
      return api('POST', `/app/installations/${place.installationId}/access_tokens`, jwt(), {
        permissions: { contents: 'write' },
      })
    },
    'repository-hidden': async () => {
      const [mine, other] = [await makePlace(), await makePlace()]
      return api('GET', `/repositories/${other.repositoryId}`, await mintToken(mine))
    },
    'rate-primary': async () => {
      await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'primary', resetSeconds: 60 } })
      return api('GET', '/app', jwt())
    },
    'rate-secondary': async () => {
      await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'secondary', status: 429, retryAfterSeconds: 7 } })
      return api('GET', '/app', jwt())
    },
    'rate-secondary-403': async () => {
      await github.control('PUT', 'rate-limit', {
        rateLimit: { kind: 'secondary', status: 403, retryAfterSeconds: null },
      })
      return api('GET', '/app', jwt())
    },
    'rate-content': async () => {
      await github.setLimits({ contentCallsPerMinute: 2 })
      const place = await makePlace({}, everyPermission)
      const token = await mintToken(place, everyPermission)
      const title = { title: '' }
      await api('POST', `/repos/${place.name}/pulls`, token, title)
      await api('POST', `/repos/${place.name}/pulls`, token, title)
      const seen = await api('POST', `/repos/${place.name}/pulls`, token, title)
      expect(Number(seen.headers?.get('retry-after'))).toBeGreaterThan(0)
      return seen
    },
    'api-not-accessible': async () => {
      const place = await makePlace({}, everyPermission)
      const token = await mintToken(place, { contents: 'write', pull_requests: 'read' })
      expect((await api('GET', `/repos/${place.name}/pulls`, token)).status).toBe(200)
      return api('POST', `/repos/${place.name}/pulls`, token, { title: 'T', head: 'x', base: 'main' })
    },
    'api-person-for-installation-call': () => api('GET', '/installation/repositories', 'ghu_somebody'),
    'api-archived': async () => {
      const place = await makePlace({ archived: true }, everyPermission)
      return api('POST', `/repos/${place.name}/pulls`, await mintToken(place, everyPermission), { title: 'T' })
    },
    'branch-unknown': async () => {
      const place = await makePlace()
      return api('GET', `/repos/${place.name}/branches/none`, await mintToken(place))
    },
    'repository-name': async () => {
      const place = await makePlace({}, everyPermission)
      return api('POST', '/orgs/acme/repos', await mintToken(place, everyPermission), { name: 'two words' })
    },
    'repository-taken': async () => {
      const place = await makePlace({}, everyPermission)
      const name = place.name.slice('acme/'.length)
      return api('POST', '/orgs/acme/repos', await mintToken(place, everyPermission), { name })
    },
    'manifest-code': () => api('POST', '/app-manifests/none/conversions', null),
    'delivery-unknown': () => api('POST', '/app/hook/deliveries/1/attempts', jwt()),
    'hook-url': () => api('PATCH', '/app/hook/config', jwt(), { url: 'nowhere' }),
  }
}
