import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { everyPermission, type Visitor, visitGithub } from './visitor.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let visitor: Visitor
let receiver: Server
let got: { headers: IncomingHttpHeaders; body: string }[] = []
let status = 202

beforeAll(async () => {
  visitor = await visitGithub()
  receiver = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8')
    got.push({ headers: request.headers, body })
    response.writeHead(status).end('thanks')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => receiver.once('listening', resolve))
  const { port } = receiver.address() as { port: number }
  await visitor.github.changeApp({ hook: { url: `http://127.0.0.1:${port}/hook` } })
})
afterAll(async () => {
  receiver.close()
  await visitor.end()
})
beforeEach(async () => {
  await visitor.github.setHookWeather()
  await visitor.github.releaseDeliveries()
  await untilCalm()
  got = []
  status = 202
})

const untilCalm = () => expect.poll(async () => (await visitor.github.readDeliveries()).underWay).toBe(0)
const told = () =>
  got.map(({ headers, body }) => {
    const { action } = JSON.parse(body) as { action?: string }
    return action === undefined ? String(headers['x-github-event']) : `${headers['x-github-event']} ${action}`
  })

test('a push is told with its commits, signed over the raw body', async () => {
  const place = await visitor.makePlace({}, everyPermission)
  await untilCalm()
  got = []
  await visitor.push(place, await visitor.mintToken(place), { path: 'b.txt', text: 'b' })
  await expect.poll(() => got.length).toBe(1)
  const { headers, body } = got[0] ?? { headers: {}, body: '' }
  const signature = createHmac('sha256', visitor.github.webhookSecret).update(body).digest('hex')
  expect(headers).toMatchObject({
    'x-github-event': 'push',
    'x-hub-signature-256': `sha256=${signature}`,
    'x-github-delivery': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'x-github-hook-id': expect.any(String),
    'content-type': 'application/json',
  })
  expect(JSON.parse(body)).toMatchObject({
    ref: 'refs/heads/main',
    created: false,
    deleted: false,
    forced: false,
    commits: [{ message: 'change', added: ['b.txt'], removed: [], modified: [] }],
    repository: { id: place.repositoryId, full_name: place.name },
    installation: { id: place.installationId },
    sender: { login: 'skein-test[bot]', type: 'Bot' },
  })
})

test('everything that happens to a repository and an installation has its event', async () => {
  const { github } = visitor
  const place = await visitor.makePlace({}, everyPermission)
  const id = place.repositoryId
  await github.commit(id, { branch: 'work', files: [{ path: 'b.txt', content: 'b' }], fromScratch: true })
  await github.deleteBranch(id, 'work')
  await github.changeRepository(id, { protectedBranches: { main: ['No.'] } })
  await github.changeRepository(id, { archived: true })
  await github.changeRepository(id, { archived: false })
  await github.changeRepository(id, { private: false })
  await github.changeRepository(id, { private: true })
  await github.changeRepository(id, { name: `renamed-${id}` })
  await github.renameBranch(id, 'main', 'trunk')
  await github.changeInstallation(place.installationId, { permissions: { ...everyPermission, issues: 'read' } })
  await github.changeInstallation(place.installationId, { suspended: true })
  await github.commit(id, { files: [{ path: 'c.txt', content: 'unheard' }] })
  await github.changeInstallation(place.installationId, { suspended: false })
  await github.changeInstallation(place.installationId, { repositoryIds: [] })
  await github.changeInstallation(place.installationId, { repositoryIds: [id] })
  await github.changeRepository(id, { owner: 'elsewhere' })
  await github.deleteInstallation(place.installationId)
  await untilCalm()
  expect(told()).toEqual([
    'installation created',
    'installation_repositories added',
    'create',
    'push',
    'create',
    'push',
    'delete',
    'push',
    'branch_protection_rule created',
    'repository archived',
    'repository unarchived',
    'repository publicized',
    'repository privatized',
    'repository renamed',
    'repository edited',
    'create',
    'push',
    'delete',
    'push',
    'installation new_permissions_accepted',
    'installation suspend',
    'installation unsuspend',
    'installation_repositories removed',
    'installation_repositories added',
    'installation_repositories removed',
    'installation deleted',
  ])
})

test('the weather loses, doubles, holds, reverses and thins', async () => {
  const { github } = visitor
  const place = await visitor.makePlace({}, everyPermission)
  await untilCalm()
  const commit = (content: string) => github.commit(place.repositoryId, { files: [{ path: 'b.txt', content }] })
  const after = () => got.map(({ body }) => (JSON.parse(body) as { after?: string }).after)

  got = []
  await github.setHookWeather({ lose: 'failed' })
  await commit('lost')
  await github.setHookWeather({ copies: 2 })
  const doubled = await commit('doubled')
  await untilCalm()
  expect(after()).toEqual([doubled, doubled])
  expect(got[0]?.headers['x-github-delivery']).toBe(got[1]?.headers['x-github-delivery'])

  got = []
  await github.setHookWeather({ reorder: 2 })
  const [first, second] = [await commit('first'), await commit('second')]
  await untilCalm()
  expect(after()).toEqual([second, first])

  got = []
  await github.setHookWeather({ hold: true, thin: true })
  await commit('held')
  expect(await github.readDeliveries()).toMatchObject({ held: 1, underWay: 0 })
  expect(got).toEqual([])
  await github.releaseDeliveries()
  await untilCalm()
  expect(Object.keys(JSON.parse(got[0]?.body ?? '{}')).sort()).toEqual(['installation', 'ref', 'repository'])
})

test('failed deliveries are listed page by page, and an attempt has the same id', async () => {
  const { github } = visitor
  const place = await visitor.makePlace({}, everyPermission)
  status = 500
  await github.commit(place.repositoryId, { files: [{ path: 'b.txt', content: 'b' }] })
  await untilCalm()
  status = 202
  const page = await visitor.api('GET', '/app/hook/deliveries?per_page=2', visitor.jwt())
  const [newest] = JSON.parse(page.text) as { id: number; guid: string; status_code: number; event: string }[]
  expect(newest).toMatchObject({ event: 'push', status_code: 500 })
  const next = /<([^>]+)>; rel="next"/.exec(page.headers?.get('link') ?? '')?.[1] ?? ''
  const further = JSON.parse(
    (await visitor.api('GET', next.slice(visitor.github.apiUrl.length), visitor.jwt())).text,
  ) as { id: number }[]
  expect(further[0]?.id).toBeLessThan(newest?.id ?? 0)
  got = []
  const tried = await visitor.api('POST', `/app/hook/deliveries/${newest?.id}/attempts`, visitor.jwt())
  expect(tried.status).toBe(202)
  await expect.poll(() => got[0]?.headers['x-github-delivery']).toBe(newest?.guid)
})

test('the address and the secret are changed over REST', async () => {
  const { github } = visitor
  const before = JSON.parse((await visitor.api('GET', '/app/hook/config', visitor.jwt())).text) as { url: string }
  const changed = { url: `${before.url}?again`, content_type: 'form', secret: 'new' }
  await visitor.api('PATCH', '/app/hook/config', visitor.jwt(), changed)
  await github.createInstallation({})
  await expect.poll(() => got.length).toBe(1)
  const { headers, body } = got[0] ?? { headers: {}, body: '' }
  expect(headers['x-hub-signature-256']).toBe(`sha256=${createHmac('sha256', 'new').update(body).digest('hex')}`)
  expect(new URLSearchParams(body).get('payload')).toContain('"action":"created"')
})
