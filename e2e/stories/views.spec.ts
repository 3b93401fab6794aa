/**
 * Every view, light and dark, 1440 and 360 wide: a picture of each (test-results/views, to be laid beside the design), no violation of WCAG
 * A/AA that axe can find, and nothing wider than the window.
 */
import { callAs, projectIdOf } from '../world/api.ts'
import { invite, memberOf } from '../world/invite.ts'
import { look } from '../world/look.ts'
import { editor, fillSignUp, signUp, untilSaved } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'
import { add, goOffline, pretendOlderBuild, settleIn, untilKept, untilOpensOffline } from '../world/typing.ts'

test('landing, sign-in and what is not there', async ({ skein, meet }) => {
  const { page } = await meet('Ana')
  await page.goto(skein.url)
  await expect(page.getByRole('button', { name: 'Create account' })).toBeVisible()
  await look(page, 'landing')
  await page.goto(`${skein.url}/sign-in`)
  await look(page, 'sign-in')
  await page.goto(`${skein.url}/invitations/no-such-link`)
  await look(page, 'invitation-gone')
  await page.goto(`${skein.url}/no/such/page`)
  await look(page, 'not-found')
})

test('first run, editor, palette, facts, projects, members, profile, settings', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  const { page } = ana
  await signUp(ana, skein.url)
  await untilSaved(page)
  await look(page, 'first-run')

  const project = projectIdOf(page)
  const file = page.url()
  await page.keyboard.press('ControlOrMeta+k')
  await expect(page.getByRole('dialog')).toBeVisible()
  await look(page, 'palette')
  await page.keyboard.press('Escape')
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+s')
  await look(page, 'facts')
  await page.keyboard.press('Escape')

  await page.goto(`${skein.url}/p/${project}/settings`)
  await expect(page.getByRole('heading', { name: /GitHub/ })).toBeVisible()
  await look(page, 'project-settings')

  const { body: me } = await callAs<{ workspaces: { slug: string }[] }>(page, 'GET', '/me')
  const workspace = me.workspaces[0]?.slug ?? ''
  await page.goto(`${skein.url}/w/${workspace}`)
  await expect(page.getByRole('link', { name: /Demo/ }).first()).toBeVisible()
  await look(page, 'projects')
  await page
    .getByRole('button', { name: /New project/ })
    .first()
    .click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await look(page, 'new-project')
  await page.keyboard.press('Escape')
  await page.goto(`${skein.url}/w/${workspace}/members`)
  await expect(page.getByText(ana.email)).toBeVisible()
  await look(page, 'members')
  await page.goto(`${skein.url}/me`)
  await expect(page.getByRole('heading', { name: /tokens/i })).toBeVisible()
  await look(page, 'me')
  await page.goto(file)
  await expect(editor(page)).toBeVisible()
})

test('two people in one file, and what the editor says when something is not as usual', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  await signUp(ana, skein.url)
  const project = projectIdOf(ana.page)
  const { body: me } = await callAs<{ workspaces: { id: string }[] }>(ana.page, 'GET', '/me')
  const put = (path: string, content: string) =>
    callAs(ana.page, 'POST', `/projects/${project}/files`, { path, content })
  await put('notes/estuary.md', ESTUARY)
  await put('notes/heron-colony.md', '# Herons\n')
  await put('data/sightings.csv', 'species,out,back\npink-footed,212,198\n')
  await put('data/tides.csv', 'day,low\n1,06:40\n')
  const { body: invitation } = await callAs<{ link: string }>(
    ana.page,
    'POST',
    `/workspaces/${me.workspaces[0]?.id}/invitations`,
    { projectId: project },
  )
  const ben = await meet('Ben')
  await ben.page.goto(invitation.link)
  await fillSignUp(ben)
  await expect(editor(ben.page)).toBeVisible()

  for (const { page } of [ana, ben]) await page.goto(`${skein.url}/p/${project}/f/notes/estuary.md`)
  await expect(editor(ana.page)).toContainText('north bank')
  await expect(editor(ben.page)).toContainText('north bank')
  await editor(ben.page).getByText('north bank').click()
  await ben.page.keyboard.press('End')
  await ben.page.keyboard.press('Shift+ArrowLeft')
  await ana.page.getByRole('button', { name: 'Skip' }).click()
  await editor(ana.page).getByText('Tide table').click()
  await untilSaved(ana.page)
  await expect(ana.page.getByText(/Committed [0-9a-f]{7}/)).toBeVisible({ timeout: 30_000 })
  await look(ana.page, 'editor')

  // The file is deleted under Ana's hands.
  const { body: files } = await callAs<{ items: { id: string; path: string }[] }>(
    ben.page,
    'GET',
    `/projects/${project}/files`,
  )
  const estuary = files.items.find(({ path }) => path === 'notes/estuary.md')
  await callAs(ben.page, 'DELETE', `/projects/${project}/files/${estuary?.id}`)
  await expect(ana.page.getByText(/Ben moved estuary.md to trash/)).toBeVisible()
  await look(ana.page, 'deleted')
})

test('without the server, after an update, and signed out', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  const page = await settleIn(ana, skein.url)
  await page.getByRole('button', { name: 'Skip' }).click()
  await untilOpensOffline(page)
  const address = page.url()
  await ana.context.setOffline(true)
  await page.reload()
  await add(page, 'ten geese')
  await untilKept(page)
  await look(page, 'offline')
  await page.goto(address.replace('welcome.md', 'weather.md'))
  await expect(page.getByRole('heading', { name: 'weather.md is not on this device' })).toBeVisible()
  await look(page, 'offline-not-here')
  await page.goto(skein.url)
  await expect(page.getByRole('link', { name: 'Demo' })).toBeVisible()
  await look(page, 'offline-projects')

  await ana.context.setOffline(false)
  await page.goto(address)
  await untilSaved(page)
  await pretendOlderBuild(page)
  await look(page, 'updated')
  await ana.context.clearCookies()
  await goOffline(page)
  await ana.context.setOffline(false)
  await expect(page.getByText('You are signed out.')).toBeVisible()
  await look(page, 'signed-out')
})

test('what is not taken from somebody who may no longer write', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  await settleIn(ana, skein.url)
  const ben = await invite(ana.page, await meet('Ben'), 'editor')
  const { page } = ben
  await page.getByRole('button', { name: 'Skip' }).click()
  await untilSaved(page)
  const member = await memberOf(ana.page, page)
  await goOffline(page)
  await add(page, 'unpaid geese')
  await untilKept(page)
  await member.make('viewer')
  await ben.context.setOffline(false)
  const dialog = page.getByRole('alertdialog', { name: 'Your last words are not saved' })
  await expect(dialog).toBeVisible()
  await look(page, 'not-saved')
  await dialog.getByRole('button', { name: 'Copy your text' }).click()
  await expect(page.getByText(/You can read Demo/)).toBeVisible()
  await look(page, 'not-taken')
  await member.remove()
  await expect(page.getByText(/You have no access to Demo/)).toBeVisible()
  await look(page, 'access-lost')
})

const ESTUARY = `# The estuary in October

Low tide at **06:40**. We walked the north bank from the old sluice to the shingle spit, counting on the way out and again on the way back.

## Geese

The first skein came over at first light, about two hundred birds, calling long before we could see them.

| species     | out | back |
| ----------- | --: | ---: |
| pink-footed | 212 |  198 |
| barnacle    |  11 |   11 |

## Questions

- [ ] Was the ringed bird the one from 2024?
- [x] Tide table for October
`
