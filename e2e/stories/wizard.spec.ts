/** Setting GitHub up by the pages alone, as a person does: the App, an account, a repository from the list, and what becomes of it. */
import type { Page } from '@playwright/test'
import { callAs, projectIdOf } from '../world/api.ts'
import { type Github, startGithub } from '../world/github/client.ts'
import { linkedOf, roundMs } from '../world/linked.ts'
import { look } from '../world/look.ts'
import { editor, signUp } from '../world/people.ts'
import { bootProduct, type Product } from '../world/product.ts'
import { expect, test } from '../world/skein.ts'

test.use({ actionTimeout: 30_000 })
test.setTimeout(300_000)
test.describe.configure({ mode: 'serial' })

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

interface Installation {
  installationId: number
  isSuspended: boolean
  permissions: Record<string, string>
}

/** On GitHub's pages: the account, the repositories, and back. */
async function installOn(page: Page, account: string, repositories: readonly string[]): Promise<void> {
  await page.getByRole('link', { name: account }).click()
  for (const name of repositories) await page.getByLabel(name, { exact: true }).check()
  await page.getByRole('button', { name: 'Install' }).click()
}

const option = (page: Page, name: string) => page.getByRole('option', { name: new RegExp(name) })

test('from nothing to a pull request by the pages alone, unlinked and linked again, and a project from GitHub', async ({
  meet,
}) => {
  const files = [{ path: 'README.md', content: '# Estuary\n' }]
  const estuary = await github.createRepository({ name: 'estuary', files })
  const marshFiles = [
    { path: 'reeds.md', content: 'reeds\n' },
    { path: 'docs/tides.md', content: 'tides\n' },
  ]
  const marsh = await github.createRepository({ name: 'marsh', files: marshFiles })
  const barn = await github.createRepository({ name: 'old-barn', files, archived: true })
  await github.createRepository({ name: 'diary' })
  expect(barn.archived).toBe(true)
  const ana = await meet('Ana')
  const { page } = ana
  await signUp(ana, skein.url)
  await page.keyboard.press('Escape')
  const project = projectIdOf(page)
  const settings = `${skein.url}/p/${project}/settings`

  // No App yet: whoever can make it is led there.
  await page.goto(settings)
  await expect(page.getByText('This Skein is not connected to GitHub yet.')).toBeVisible()
  await look(page, 'link-no-app')
  await page.getByRole('link', { name: 'Set up GitHub' }).click()
  await expect(page.getByRole('button', { name: 'Create GitHub App' })).toBeVisible()
  await look(page, 'admin-github-none')
  await page.getByRole('radio', { name: /An organisation/ }).check()
  await page.getByRole('button', { name: 'Create GitHub App' }).click()
  await expect(page.getByText('The name as it stands in its address')).toBeVisible()
  await page.getByLabel('Organisation', { exact: true }).fill('acme')
  await page.getByRole('button', { name: 'Create GitHub App' }).click()
  await expect(page.getByRole('heading', { name: 'Create GitHub App' })).toBeVisible()
  await page.getByLabel('GitHub App name').fill('Skein of Ana')
  await page.getByRole('button', { name: 'Create GitHub App for acme' }).click()
  await expect(page.getByText('The GitHub App is made')).toBeVisible()
  await expect(page).toHaveURL(`${skein.url}/admin/github`)
  await expect(page.getByRole('link', { name: 'Skein of Ana' })).toBeVisible()
  await expect(page.getByText('No operation failed.')).toBeVisible()
  await look(page, 'admin-github')

  // No account yet: to GitHub, and back to where one left from.
  await page.goto(settings)
  await page.getByRole('button', { name: 'Connect GitHub' }).click()
  await installOn(page, 'acme', ['estuary', 'marsh', 'old-barn'])
  await page.waitForURL(`${settings}#github`)
  await expect(page.getByRole('combobox', { name: 'Account' })).toHaveText(/acme/)
  await expect(option(page, 'acme/estuary')).toBeVisible()
  await expect(option(page, 'acme/diary')).toHaveCount(0)
  await expect(option(page, 'acme/old-barn')).toHaveAttribute('aria-disabled', 'true')
  await look(page, 'link-wizard')

  // By the keyboard alone: the name, Enter, and the focus stays in the form.
  const search = page.getByRole('combobox', { name: 'Repository' })
  await search.fill('nothing-like-this')
  await expect(page.getByText('“nothing-like-this” is in none of the names')).toBeVisible()
  await look(page, 'link-wizard-nothing')
  await search.fill('estu')
  await expect(option(page, 'acme/estuary')).toBeVisible()
  await expect(option(page, 'acme/marsh')).toHaveCount(0)
  await search.press('Enter')
  await expect(page.getByRole('button', { name: 'Change repository' })).toBeFocused()
  await expect(page.getByLabel('Branch', { exact: true })).toHaveAttribute('placeholder', 'main')
  await expect(page.getByRole('radio', { name: /By pull request/ }).first()).toBeChecked()
  await expect(page.getByText(/What is on main of acme\/estuary is pulled into/)).toBeVisible()
  await look(page, 'link-wizard-chosen')
  await page.getByRole('button', { name: 'Link repository' }).click()
  await expect(page.getByRole('link', { name: 'acme/estuary' })).toBeVisible()

  // What is there comes here, what is here asks to be merged there.
  const remote = { id: estuary.id, installationId: 0, fullName: 'acme/estuary' }
  const linked = linkedOf(page, skein.url, github, project, remote)
  await expect.poll(() => linked.read('README.md').catch(() => ''), { timeout: roundMs }).toContain('Estuary')
  await expect.poll(async () => (await github.readPulls(estuary.id)).length, { timeout: roundMs }).toBe(1)
  await expect(page.getByRole('link', { name: /Pull request \d+/ })).toBeVisible({ timeout: roundMs })
  await look(page, 'linked')

  // Unlinked by mistake: it is undone.
  await page.getByRole('button', { name: 'Unlink repository' }).click()
  await expect(page.getByText('Last linked to acme/estuary.')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('button', { name: 'Unlink repository' })).toBeVisible()
  expect(await github.readPulls(estuary.id), 'no second pull request').toHaveLength(1)

  // Another way of leaving, for the link that stands.
  await page.getByRole('radio', { name: /Directly to the branch/ }).check()
  await page.getByRole('button', { name: 'Change link' }).click()
  await expect.poll(async () => (await linked.status()).github.mode).toBe('direct_commit')

  // The workspace: its accounts, and another try for all.
  const { body: me } = await callAs<{ workspaces: { slug: string }[] }>(page, 'GET', '/me')
  const workspace = me.workspaces[0]?.slug ?? ''
  await page.goto(`${skein.url}/w/${workspace}/settings`)
  await expect(page.getByText('May write repositories, pull requests and workflows')).toBeVisible()
  await page.getByLabel('Which projects').selectOption('all')
  await page.getByRole('button', { name: 'Sync again' }).click()
  await expect(page.getByText('1 project is looked at now.')).toBeVisible()
  await look(page, 'workspace-github')
  await page.getByRole('button', { name: 'Disconnect acme' }).click()
  await expect(page.getByText('A project is linked to a repository of this installation.')).toBeVisible()

  // A project that begins on GitHub opens when what is there is here.
  await page.goto(`${skein.url}/w/${workspace}`)
  await page.getByRole('button', { name: 'New project' }).click()
  await page.getByRole('radio', { name: 'GitHub' }).check()
  await expect(option(page, 'acme/estuary')).toContainText('used by')
  await look(page, 'new-project-github')
  await option(page, 'acme/marsh').click()
  await page.getByRole('button', { name: 'Create project' }).click()
  await expect(page.getByText(/^Reading marsh$/)).toBeVisible()
  await page.waitForURL(/\/p\//, { timeout: roundMs })
  await expect(editor(page)).toBeVisible({ timeout: roundMs })
  expect(await linkedOf(page, skein.url, github, projectIdOf(page), { ...remote, id: marsh.id }).read('reeds.md')).toBe(
    'reeds\n',
  )

  // A second project in a folder of the same repository; the whole of it is taken.
  await page.goto(`${skein.url}/w/${workspace}?new=github`)
  await option(page, 'acme/marsh').click()
  await page.getByRole('button', { name: 'Create project' }).click()
  await expect(page.getByText('marsh is linked to the branch main already.')).toBeVisible()
  await page.getByLabel('Folder', { exact: true }).fill('docs/')
  await page.getByLabel('Name (optional)').fill('Tides')
  await page.getByRole('button', { name: 'Create project' }).click()
  await page.waitForURL(/\/p\//, { timeout: roundMs })
  await expect(editor(page)).toBeVisible({ timeout: roundMs })
  const tides = linkedOf(page, skein.url, github, projectIdOf(page), { ...remote, id: marsh.id })
  expect(await tides.read('tides.md')).toBe('tides\n')

  // What the admin sees of it.
  await page.goto(`${skein.url}/admin/github`)
  await page.getByRole('radio', { name: 'All', exact: true }).check()
  await expect(page.getByRole('list', { name: 'Operations' }).getByText('marsh').first()).toBeVisible()
  await expect(page.getByText(/Last delivery/)).toBeVisible()
  await look(page, 'admin-github-operations')
})

test('suspended, without a right, away, empty and taken: each is said where it stands, with the way out', async ({
  meet,
}) => {
  const reeds = await github.createRepository({ name: 'reeds', owner: 'octocat' })
  const ben = await meet('Ben')
  const { page } = ben
  await signUp(ben, skein.url)
  await page.keyboard.press('Escape')
  const project = projectIdOf(page)
  const settings = `${skein.url}/p/${project}/settings`

  // The one who came first is the admin; this one is not.
  await page.goto(`${skein.url}/admin/github`)
  await expect(page.getByText('Only the admin of this Skein sees this page')).toBeVisible()
  await look(page, 'admin-github-others')
  await page.goto(settings)
  await expect(page.getByRole('button', { name: 'Connect GitHub' })).toBeVisible()
  await look(page, 'link-no-account')

  // The account that another workspace uses is refused, and Back leads to where one was.
  await page.getByRole('button', { name: 'Connect GitHub' }).click()
  await page.getByRole('link', { name: 'acme' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('This installation of the GitHub App is used by another workspace.')).toBeVisible()
  await page.goto(settings)
  await page.getByRole('button', { name: 'Connect GitHub' }).click()
  await installOn(page, 'octocat', ['reeds'])
  await page.waitForURL(`${settings}#github`)
  await expect(page.getByRole('combobox', { name: 'Account' })).toHaveText(/octocat/)
  const repository = option(page, 'octocat/reeds')
  await expect(repository).toContainText('Empty')

  // GitHub lets no App make a repository for a person: its own page is opened, the list is searched again.
  await page.getByRole('button', { name: 'New repository' }).click()
  await page.getByLabel('Name of the new repository').fill('two words')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Use letters, digits, dots, hyphens and underscores.')).toBeVisible()
  await page.getByLabel('Name of the new repository').fill('mudflats')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('link', { name: 'Make it on GitHub' })).toHaveAttribute('href', /new\?name=mudflats$/)
  await look(page, 'link-new-repository')

  // Somebody suspends the App, or takes a right away, while the page is open.
  const { body: me } = await callAs<{ workspaces: { slug: string }[] }>(page, 'GET', '/me')
  const workspace = me.workspaces[0]?.slug ?? ''
  const read = async () => {
    const path = `/workspaces/${workspace}/github/installations`
    const { body } = await callAs<{ items: Installation[] }>(page, 'GET', path)
    return body.items[0] as Installation
  }
  const { installationId } = await read()
  await github.changeInstallation(installationId, { suspended: true })
  await expect.poll(async () => (await read()).isSuspended, { timeout: roundMs }).toBe(true)
  await page.reload()
  await expect(page.getByText('The GitHub App is suspended for octocat.')).toBeVisible()
  await look(page, 'link-suspended')
  await github.changeInstallation(installationId, {
    suspended: false,
    permissions: { contents: 'read', metadata: 'read' },
  })
  await expect.poll(async () => (await read()).permissions.contents, { timeout: roundMs }).toBe('read')
  await page.reload()
  await expect(page.getByText(/may not write to repositories or open pull requests in octocat/)).toBeVisible()
  await look(page, 'link-missing-right')

  // GitHub away: the list says so, and another try finds it back.
  await github.setOutage({ status: 503 })
  await page.getByRole('combobox', { name: 'Repository' }).fill('ree')
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible({ timeout: roundMs })
  await look(page, 'link-github-away')
  await github.setOutage(null)
  await page.getByRole('button', { name: 'Try again' }).click()
  await repository.click()
  await expect(page.getByText(/octocat\/reeds is empty: all of Demo is pushed to main/)).toBeVisible()
  expect(reeds.owner).toBe('octocat')
})
