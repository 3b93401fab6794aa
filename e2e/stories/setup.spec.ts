/** From a Skein without GitHub to a linked project: the App by its manifest, the installation by GitHub's own pages, the repository, the first push. */
import type { Page } from '@playwright/test'
import { callAs, projectIdOf } from '../world/api.ts'
import { type Github, startGithub } from '../world/github/client.ts'
import { linkedOf, roundMs } from '../world/linked.ts'
import { signUp } from '../world/people.ts'
import { bootProduct, type Product } from '../world/product.ts'
import { expect, test } from '../world/skein.ts'

test.use({ actionTimeout: 30_000 })
test.setTimeout(240_000)

let github: Github
let skein: Product

test.beforeAll(async () => {
  github = await startGithub()
  const { GITHUB_API_URL = '', GITHUB_GIT_URL = '' } = github.settings
  const quick = { SNAPSHOT_QUIET_MS: '1500', PUSH_MIN_INTERVAL_MS: '500', LOG_LEVEL: 'warn' }
  const trusted = { GIT_TRUSTED_HOSTS: new URL(GITHUB_GIT_URL).host }
  skein = await bootProduct({ ...quick, ...trusted, GITHUB_API_URL, GITHUB_GIT_URL })
})

test.afterAll(async () => {
  await skein?.stop()
  await github?.stop()
})

/** A form of one field, posted by the browser from a page of nobody: what the admin's browser brings to GitHub. */
async function postManifest(page: Page, organization?: string): Promise<void> {
  const answer = await callAs<{ action: string; manifest: string }>(page, 'POST', '/admin/github/app/manifest', {
    ...(organization ? { organization } : {}),
  })
  expect(answer.status).toBe(200)
  await page.goto('about:blank')
  await page.evaluate(({ action, manifest }) => {
    const form = document.createElement('form')
    form.method = 'post'
    form.action = action
    const field = document.createElement('input')
    field.type = 'hidden'
    field.name = 'manifest'
    field.value = manifest
    form.append(field)
    document.body.append(form)
    form.submit()
  }, answer.body)
}

test('the App is made by its manifest, installed on chosen repositories, and a project is linked and pushed', async ({
  meet,
}) => {
  const chosen = await github.createRepository({ name: 'estuary' })
  const left = await github.createRepository({ name: 'private-diary' })
  const ana = await meet('Ana')
  const { page } = ana
  await signUp(ana, skein.url)
  await page.keyboard.press('Escape')
  const project = projectIdOf(page)
  const file = page.url()
  const before = await callAs<{ source: string }>(page, 'GET', '/admin/github/app')
  expect(before.body.source).toBe('none')

  await postManifest(page)
  await expect(page.getByRole('heading', { name: 'Create GitHub App' })).toBeVisible()
  await page.getByLabel('GitHub App name').fill('Skein of Ana')
  await page.getByRole('button', { name: 'Create GitHub App for octocat' }).click()
  await page.waitForURL(`${skein.url}/admin/github?github=created`)
  await page.goto(file)
  const made = await callAs<{ source: string; app: { slug: string } }>(page, 'GET', '/admin/github/app')
  expect(made.body).toMatchObject({ source: 'manifest', app: { slug: 'skein-of-ana' } })
  expect(JSON.stringify(made.body)).not.toMatch(/PRIVATE KEY|secret"/i)

  const { body: me } = await callAs<{ workspaces: { slug: string }[] }>(page, 'GET', '/me')
  const workspace = me.workspaces[0]?.slug ?? ''
  const install = await callAs<{ url: string }>(page, 'POST', `/workspaces/${workspace}/github/install`, {})
  expect(install.status).toBe(200)
  await page.goto(install.body.url)
  await page.getByRole('link', { name: 'acme' }).click()
  await page.getByLabel('estuary').check()
  await page.getByRole('button', { name: 'Install' }).click()
  await page.waitForURL(new RegExp(`^${skein.url}/w/${workspace}/settings\\?github=`))

  await page.goto(file)
  const installations = await callAs<{ items: { installationId: number; account: string }[] }>(
    page,
    'GET',
    `/workspaces/${workspace}/github/installations`,
  )
  expect(installations.body.items).toMatchObject([{ account: 'acme' }])
  const installationId = installations.body.items[0]?.installationId ?? 0
  const repositories = await callAs<{ items: { repositoryId: number }[] }>(
    page,
    'GET',
    `/workspaces/${workspace}/github/installations/${installationId}/repositories`,
  )
  expect(repositories.body.items.map(({ repositoryId }) => repositoryId)).toEqual([chosen.id])
  expect(left.id).not.toBe(chosen.id)

  const remote = { id: chosen.id, installationId, fullName: 'acme/estuary' }
  const link = { installationId, repositoryId: chosen.id, mode: 'direct_commit' }
  const answer = await callAs(page, 'POST', `/projects/${project}/github/link`, link)
  expect(answer).toMatchObject({ status: 200 })
  const linked = linkedOf(page, skein.url, github, project, remote)
  await linked.untilPushed()

  // The secret that came with the App is the one that its webhook is believed by.
  await github.commit(chosen.id, { files: [{ path: 'from-github.md', content: 'hello\n' }] })
  await expect.poll(() => linked.read('from-github.md').catch(() => ''), { timeout: roundMs }).toBe('hello\n')
  await expect.poll(async () => (await github.readDeliveries()).underWay).toBe(0)
  const { deliveries } = await github.readDeliveries()
  expect(deliveries.filter(({ event }) => event === 'push').map(({ status_code: code }) => code)).not.toContain(401)
  expect(deliveries.at(-1)).toMatchObject({ status_code: 202 })
})

test('a state that is not ours, or a code that GitHub does not know, makes no App', async ({ meet }) => {
  // Whoever comes first is the admin.
  await signUp(await meet('Ana'), skein.url)
  const ben = await meet('Ben')
  await signUp(ben, skein.url)
  const begun = await callAs(ben.page, 'POST', '/admin/github/app/manifest', {})
  expect(begun.status, 'only the admin makes the App').toBe(403)
  const forged = await callAs(ben.page, 'GET', '/github/app/created?code=none&state=forged')
  expect(forged.status).toBeGreaterThanOrEqual(400)
})
