import { githubLinkQueries } from '@skein/db'
import { expect, test } from 'vitest'
import {
  createGithubAppWorld,
  type GithubAppWorld,
  installOnGithub,
  makeApp,
  visitGithub,
} from './testing/github-app-world.ts'

const world = await createGithubAppWorld()
const { github, ask } = world
const ana = await world.person('Ana')
await makeApp(world, ana.browser)
type Person = Awaited<ReturnType<GithubAppWorld['person']>>

/** Of everything that the stand-in's person administers. */
const repository = async (owner: string, name: string) => (await github.createRepository({ owner, name })).id
const notes = await repository('octocat', 'notes')
const site = await repository('acme', 'site')
const tools = await repository('acme', 'tools')

let people = 0
/** Somebody with a workspace of their own, who has nothing to do with the others. */
const newcomer = (): Promise<Person> => {
  people += 1
  return world.person(`Newcomer${people}`)
}
const base = ({ workspace }: Person) => `/api/v1/workspaces/${workspace.id}/github`
const install = async (person: Person, body: object = {}) =>
  (await person.browser.post(`${base(person)}/install`, body)).body.url
const installations = async (person: Person) => (await person.browser.get(`${base(person)}/installations`)).body.items
const connect = async (person: Person, account: string, repositories: readonly number[] | 'all') =>
  person.browser.get(await installOnGithub(world, await install(person), account, repositories))
const cleanUp = async () => {
  await ask('delete from github_installation')
  await github.setPerson({ login: 'octocat', accounts: ['octocat', 'acme'] })
}

test('GA6: who installs the App and is asked about by GitHub as themself gets the installation for their workspace', async () => {
  const mei = await newcomer()
  const done = await connect(mei, 'acme', [site, tools])
  expect([done.status, done.headers.get('location')]).toEqual([302, `/w/${mei.workspace.slug}/settings?github=bound`])
  const [installation] = await installations(mei)
  expect(installation).toMatchObject({ account: 'acme', isSuspended: false, permissions: { contents: 'write' } })
  expect(installation.settingsUrl).toBe(`${github.url}/settings/installations/${installation.installationId}`)
  const rows = await ask('select proven_by, account_kind from github_installation')
  expect(rows).toEqual([{ proven_by: mei.userId, account_kind: 'Organization' }])
  // Its token went with the call.
  expect(JSON.stringify(await ask('select * from github_state'))).not.toContain('ghu_')
  await cleanUp()
})

test('GA6: a number in an address proves nothing: GitHub must show the installation to the person', async () => {
  const eve = await newcomer()
  const theirs = await github.createInstallation({ account: 'initech', repositoryIds: [] })
  const back = new URL(await installOnGithub(world, await install(eve), 'octocat', [notes]))
  back.searchParams.set('installation_id', String(theirs.id))
  expect(await eve.browser.get(back.href)).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
  expect(await installations(eve)).toEqual([])
  expect(await ask('select from github_installation')).toEqual([])
  await github.deleteInstallation(theirs.id)
})

test('GA7: who may not write to everything that the installation reaches cannot give it to a workspace', async () => {
  const eve = await newcomer()
  await github.setPerson({ login: 'octocat', accounts: ['octocat', 'acme'], readsOnly: [tools] })
  const refused = await connect(eve, 'acme', [site, tools])
  expect(refused).toMatchObject({
    status: 403,
    body: { error: { message: expect.stringContaining('may not write to everything') } },
  })
  expect(await installations(eve)).toEqual([])
  // With fewer repositories chosen it is theirs to give.
  expect((await connect(eve, 'acme', [site])).status).toBe(302)
  await cleanUp()
})

test('GA7: an installation that reaches nothing yet is proven by nobody', async () => {
  const eve = await newcomer()
  const refused = await connect(eve, 'acme', [])
  expect(refused).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
  expect(await installations(eve)).toEqual([])
  await cleanUp()
})

test('GA6: a state is good once, for the person and the workspace that began, and the code of somebody else is of no use', async () => {
  const [mei, eve] = [await newcomer(), await newcomer()]
  const back = await installOnGithub(world, await install(mei), 'octocat', [notes])
  // Eve, signed in as herself, opens the address that was Mei's.
  expect((await eve.browser.get(back)).status).toBe(403)
  // It is used up by that, for Mei too.
  expect((await mei.browser.get(back)).status).toBe(403)
  // Eve takes Mei's code from her address, and puts it behind her own state: GitHub has given it out, but it is used up by then.
  const meis = new URL(await installOnGithub(world, await install(mei), 'octocat', [notes]))
  expect((await mei.browser.get(meis.href)).status).toBe(302)
  const eves = new URL(await installOnGithub(world, await install(eve), 'octocat', [notes]))
  eves.searchParams.set('code', meis.searchParams.get('code') as string)
  expect((await eve.browser.get(eves.href)).status).toBe(403)
  expect(await installations(eve)).toEqual([])
  expect((await world.browser().get(meis.href)).status).toBe(401)
  await cleanUp()
})

test('GA6: rights that were lost on the way count: an editor does not connect an account', async () => {
  const mei = await newcomer()
  const back = await installOnGithub(world, await install(mei), 'octocat', [notes])
  await ask(`update workspace_member set role = 'editor' where user_id = $1`, [mei.userId])
  expect((await mei.browser.get(back)).status).toBe(403)
  expect((await mei.browser.post(`${base(mei)}/install`, {})).status).toBe(403)
  expect((await mei.browser.get(`${base(mei)}/installations`)).status).toBe(403)
  expect(await ask('select from github_installation')).toEqual([])
})

test('GA8: an installation that another workspace has is refused, whoever asks', async () => {
  const [mei, eve] = [await newcomer(), await newcomer()]
  await connect(mei, 'octocat', [notes])
  const [{ installationId }] = await installations(mei)
  expect(await connect(eve, 'octocat', [notes])).toMatchObject({
    status: 403,
    body: { error: { message: expect.stringContaining('another workspace') } },
  })
  const asked = await eve.browser.post(`${base(eve)}/install`, { installationId })
  expect(asked.status).toBe(403)
  // Not even the admin of the instance takes it away from there.
  expect((await ana.browser.post(`${base(ana)}/installations`, { installationId })).status).toBe(403)
  const foreign = await eve.browser.get(`${base(eve)}/installations/${installationId}/repositories`)
  const ghost = await eve.browser.get(`${base(eve)}/installations/1/repositories`)
  expect([foreign.status, foreign.body]).toEqual([404, ghost.body])
  expect((await eve.browser.delete(`${base(eve)}/installations/${installationId}`)).status).toBe(404)
  expect(await installations(mei)).toHaveLength(1)
  await cleanUp()
})

test('GA6: an installation that is there already is proven by signing in through GitHub alone', async () => {
  const mei = await newcomer()
  const page = new URL(await installOnGithub(world, await install(mei), 'acme', [site]))
  const installationId = Number(page.searchParams.get('installation_id'))
  const url = await install(mei, { installationId })
  expect(url).toContain(`${github.url}/login/oauth/authorize?client_id=`)
  const back = await visitGithub('GET', url)
  expect((await mei.browser.get(back.location)).status).toBe(302)
  expect(await installations(mei)).toMatchObject([{ installationId, account: 'acme' }])
  await cleanUp()
})

test('GA6: GitHub’s setup address, which brings no code, leads to the proof', async () => {
  const mei = await newcomer()
  const back = new URL(await installOnGithub(world, await install(mei), 'acme', [site]))
  back.searchParams.delete('code')
  const step = await mei.browser.get(back.href)
  expect(step.headers.get('location')).toContain(`${github.url}/login/oauth/authorize?client_id=`)
  const proven = await visitGithub('GET', step.headers.get('location') as string)
  expect((await mei.browser.get(proven.location)).status).toBe(302)
  expect(await installations(mei)).toMatchObject([{ account: 'acme' }])
  // An owner still has to allow it; or it was installed from GitHub's own pages, for nobody here.
  const waiting = new URL(await installOnGithub(world, await install(mei), 'acme', [site]))
  for (const name of ['code', 'installation_id']) waiting.searchParams.delete(name)
  waiting.searchParams.set('setup_action', 'request')
  expect((await mei.browser.get(waiting.href)).headers.get('location')).toContain('github=requested')
  expect((await mei.browser.get('/api/v1/github/installed?installation_id=7')).headers.get('location')).toBe(
    '/?github=installed&installation=7',
  )
  await cleanUp()
})

test('GA9: the admin of the instance may name an installation; others may not', async () => {
  const eve = await newcomer()
  const { id: installationId } = await github.createInstallation({ account: 'initech', repositoryIds: [] })
  expect((await eve.browser.post(`${base(eve)}/installations`, { installationId })).status).toBe(403)
  const { send } = await world.program(ana.browser)
  expect((await send('POST', `${base(ana)}/installations`, { installationId })).status).toBe(403)
  const claimed = await ana.browser.post(`${base(ana)}/installations`, { installationId })
  expect(claimed).toMatchObject({ status: 200, body: { items: [{ installationId, account: 'initech' }] } })
  expect((await ana.browser.post(`${base(ana)}/installations`, { installationId: 1 })).status).toBe(502)
  expect((await ana.browser.delete(`${base(ana)}/installations/${installationId}`)).body.items).toEqual([])
  await github.deleteInstallation(installationId)
})

test('GA9: the admin of the instance comes back from GitHub without a code, and that is enough', async () => {
  const back = new URL(await installOnGithub(world, await install(ana), 'acme', [site]))
  back.searchParams.delete('code')
  const bound = await ana.browser.get(back.href)
  expect(bound.headers.get('location')).toBe(`/w/${ana.workspace.slug}/settings?github=bound`)
  expect(await installations(ana)).toMatchObject([{ account: 'acme' }])
  await cleanUp()
})

test('GA10: repositories are listed page by page, found by a part of their name, and show who is linked', async () => {
  const mei = await newcomer()
  const many = []
  for (let at = 0; at < 130; at += 1) many.push(await repository('octocat', `field-${String(at).padStart(3, '0')}`))
  await connect(mei, 'octocat', [notes, ...many])
  const [{ installationId }] = await installations(mei)
  const path = `${base(mei)}/installations/${installationId}/repositories`
  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await mei.browser.get(`${path}?limit=60${cursor}`)
    seen.push(...body.items.map(({ fullName }: { fullName: string }) => fullName))
    cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`
  } while (cursor !== '')
  expect(seen).toHaveLength(131)
  expect(new Set(seen).size).toBe(131)
  const found = await mei.browser.get(`${path}?q=FIELD-12`)
  expect(found.body.items.map(({ fullName }: { fullName: string }) => fullName)).toEqual(
    Array.from({ length: 10 }, (_, at) => `octocat/field-12${at}`),
  )
  expect(found.body.nextCursor).toBeUndefined()
  await ask(
    `insert into github_link (project_id, workspace_id, installation_id, repository_id, full_name, html_url, branch, created_by)
     values ($1, $2, $3, $4, 'octocat/notes', 'https://github.example/octocat/notes', 'main', 'ana')`,
    [mei.projectId, mei.workspace.id, installationId, notes],
  )
  const linked = await mei.browser.get(`${path}?q=notes`)
  expect(linked.body.items).toMatchObject([
    {
      repositoryId: notes,
      fullName: 'octocat/notes',
      defaultBranch: 'main',
      isEmpty: true,
      isPrivate: true,
      linked: [{ id: mei.projectId, name: 'Demo', branch: 'main', directory: '' }],
    },
  ])
  expect((await mei.browser.get(`${path}?cursor=made-up`)).status).toBe(400)
  // GA12: while a project is linked the installation stays.
  expect((await mei.browser.delete(`${base(mei)}/installations/${installationId}`)).status).toBe(409)
  await ask('delete from github_link')
  await cleanUp()
})

test('GA12: an installation that was proven stays with the workspace until somebody takes it out', async () => {
  const mei = await newcomer()
  await connect(mei, 'octocat', [notes])
  const [{ installationId }] = await installations(mei)
  expect((await mei.browser.delete(`${base(mei)}/installations/${installationId}`)).body.items).toEqual([])
  const eve = await newcomer()
  expect((await connect(eve, 'octocat', [notes])).status).toBe(302)
  await cleanUp()
})

test('GA13: installed anew after it was removed, the links of the workspace go on through the new installation', async () => {
  const [mei, eve] = [await newcomer(), await newcomer()]
  await connect(mei, 'acme', [site])
  const [{ installationId: first }] = await installations(mei)
  const link = `insert into github_link (project_id, workspace_id, installation_id, repository_id, full_name, html_url, branch, created_by, state, held_code)
    values ($1, $2, $3, $4, 'acme/site', 'https://github.example/acme/site', 'main', 'ana', 'held', 'github-installation-gone')`
  await ask(link, [mei.projectId, mei.workspace.id, first, site])
  await github.deleteInstallation(first)
  expect((await connect(mei, 'acme', [site])).status).toBe(302)
  const [{ installationId: second }, ...others] = await installations(mei)
  expect([second === first, others]).toEqual([false, []])
  expect(await ask('select installation_id::float8 as id from github_link')).toEqual([{ id: second }])
  expect(await ask('select project_id as id, check_reason as reason, is_deep as deep from outbox')).toEqual([
    { id: mei.projectId, reason: 'installation', deep: true },
  ])
  // An account of the same name in another workspace is another workspace's.
  await github.deleteInstallation(second)
  await connect(eve, 'acme', [site])
  expect(await ask('select installation_id::float8 as id from github_link')).toEqual([{ id: second }])
  expect(await installations(mei)).toHaveLength(1)
  await ask('delete from github_link')
  await ask('delete from outbox')
  await cleanUp()
})

test('GA11: a new repository is made in an organisation whose App may; else the page on GitHub is named', async () => {
  const mei = await newcomer()
  await connect(mei, 'acme', 'all')
  const [{ installationId }] = await installations(mei)
  const path = `${base(mei)}/installations/${installationId}/repositories`
  const refused = await mei.browser.post(path, { name: 'field-notes' })
  const page = `${github.url}/organizations/acme/repositories/new?name=field-notes`
  expect(refused).toMatchObject({ status: 502, body: { error: { details: { reason: 'make-it-there', url: page } } } })
  await github.changeInstallation(installationId, {
    permissions: { contents: 'write', metadata: 'read', administration: 'write' },
  })
  const made = await mei.browser.post(path, { name: 'field-notes' })
  expect(made).toMatchObject({
    status: 201,
    body: { fullName: 'acme/field-notes', isPrivate: true, isEmpty: true, linked: [] },
  })
  const twice = await mei.browser.post(path, { name: 'field-notes' })
  expect(twice).toMatchObject({ status: 502, body: { error: { details: { reason: 'github-declined' } } } })
  expect((await mei.browser.post(path, { name: '../x' })).status).toBe(400)

  await ask('delete from github_installation')
  await connect(mei, 'octocat', [notes])
  const [own] = await installations(mei)
  const personal = await mei.browser.post(`${base(mei)}/installations/${own.installationId}/repositories`, {
    name: 'diary',
  })
  expect(personal).toMatchObject({
    status: 502,
    body: { error: { details: { reason: 'make-it-there', url: `${github.url}/new?name=diary` } } },
  })
  await cleanUp()
})

test('GA12: an installation that came with a link alone goes with the last of them, and is asked about once', async () => {
  const mei = await newcomer()
  const { id: installationId } = await github.createInstallation({ account: 'initech', repositoryIds: [] })
  await githubLinkQueries.claimInstallation(world.db.instance, installationId, mei.workspace.id)
  expect(await installations(mei)).toMatchObject([{ installationId, account: 'initech' }])
  await world.db.inWorkspace(mei.workspace.id, (tx) =>
    githubLinkQueries.releaseInstallation(tx, installationId, mei.workspace.id),
  )
  expect(await installations(mei)).toEqual([])
  await connect(mei, 'octocat', [notes])
  const [{ installationId: proven }] = await installations(mei)
  await world.db.inWorkspace(mei.workspace.id, (tx) =>
    githubLinkQueries.releaseInstallation(tx, proven, mei.workspace.id),
  )
  expect(await installations(mei)).toMatchObject([{ installationId: proven }])
  await github.deleteInstallation(installationId)
  await cleanUp()
})

test('a browser that comes back to a refusal reads it as a page, and nothing in it runs', async () => {
  const mei = await newcomer()
  const headers = { accept: 'text/html,application/xhtml+xml', 'sec-fetch-mode': 'navigate' }
  const back = await mei.browser.get('/api/v1/github/installed?state=x&code=y&installation_id=1', { headers })
  expect(back.status).toBe(403)
  expect(back.headers.get('content-type')).toBe('text/html; charset=UTF-8')
  expect(back.body).toContain('This way back from GitHub was used already')
  expect(back.body).toContain('<a href="/">')
  const stranger = await world.browser().get('/api/v1/github/installed?state=x', { headers })
  expect([stranger.status, stranger.body.includes('Nobody is signed in here')]).toEqual([401, true])
  const odd = await mei.browser.get('/api/v1/github/installed?code=%3Cscript%3E', { headers })
  expect([odd.status, odd.body.includes('<script>')]).toEqual([400, false])
})
