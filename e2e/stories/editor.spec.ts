/** The editor page in daily use: files in tabs and in the address, somebody else's hand on the tree, no network, and a role that only reads. */
import { callAs, projectIdOf } from '../world/api.ts'
import { invite, memberOf } from '../world/invite.ts'
import { editor, facts, saved, signUp, textOf, treeItem, untilSaved } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'
import { goOffline } from '../world/typing.ts'

const fileInAddress = (url: string): string => decodeURIComponent(new URL(url).pathname.split('/f/')[1] ?? '')

test('tabs, address and undo follow what one does, also through a reload', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  const { page } = ana
  await signUp(ana, skein.url)
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.type('curlew')
  await treeItem(page, 'weather.md').click()
  await expect(page.getByLabel('weather.md', { exact: true }).first()).toBeVisible()
  expect(fileInAddress(page.url())).toBe('weather.md')

  await page.goBack()
  await expect(editor(page)).toHaveAttribute('aria-label', 'welcome.md')
  await editor(page).focus()
  await page.keyboard.press('ControlOrMeta+z')
  await expect.poll(() => textOf(page)).not.toContain('curlew')

  await page.reload()
  await expect(page.getByRole('tab')).toHaveText(['welcome.md', 'weather.md'])
  await page.keyboard.press('ControlOrMeta+p')
  await page.keyboard.type('wea')
  await page.keyboard.press('Enter')
  await expect(editor(page)).toHaveAttribute('aria-label', 'weather.md')
  await page.getByRole('tab', { name: 'weather.md' }).press('Delete')
  await expect(editor(page)).toHaveAttribute('aria-label', 'welcome.md')
})

test('a file that somebody else renames and deletes stays open, says by whom, and comes back', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  await signUp(ana, skein.url)
  const ben = await invite(ana.page, await meet('Ben'), 'editor')

  await treeItem(ana.page, 'weather.md').click()
  await expect(editor(ana.page)).toHaveAttribute('aria-label', 'weather.md')
  await treeItem(ben.page, 'weather.md').press('F2')
  await ben.page.keyboard.press('ControlOrMeta+a')
  await ben.page.keyboard.type('sky.md')
  await ben.page.keyboard.press('Enter')
  await expect(editor(ana.page)).toHaveAttribute('aria-label', 'sky.md')
  expect(fileInAddress(ana.page.url())).toBe('sky.md')

  await treeItem(ben.page, 'sky.md').press('Delete')
  await expect(ana.page.getByText('Ben moved sky.md to trash')).toBeVisible()
  await editor(ana.page).click()
  await ana.page.keyboard.press('ControlOrMeta+End')
  await ana.page.keyboard.type('late words')
  await untilSaved(ana.page)
  await ana.page.getByRole('button', { name: 'Restore sky.md' }).click()
  await expect(treeItem(ben.page, 'sky.md')).toBeVisible()
  await treeItem(ben.page, 'sky.md').click()
  await expect.poll(() => textOf(ben.page).catch(() => '')).toContain('late words')
})

test('without a network typing goes on, is counted, survives a reload and arrives', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  const { page, context } = ana
  await signUp(ana, skein.url)
  await untilSaved(page)
  await goOffline(page)
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.type('typed offline')
  await expect(facts(page)).toContainText('Offline, 13 changes on this device')
  await expect(page.getByRole('button', { name: 'New file' })).toBeDisabled()
  await context.setOffline(false)
  await page.reload()
  await expect(saved(page)).toBeVisible()
  expect(await textOf(page)).toContain('typed offline')
  const { body } = await callAs<{ text: string }>(page, 'GET', `/projects/${projectIdOf(page)}/content/welcome.md`)
  expect(body.text).toContain('typed offline')
})

test('a viewer reads along and cannot type; whoever is removed keeps the text in sight', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  await signUp(ana, skein.url)
  const ben = await invite(ana.page, await meet('Ben'), 'viewer')
  await expect(facts(ben.page)).toContainText('Reading only')
  const before = await textOf(ben.page)
  await editor(ben.page).click()
  await ben.page.keyboard.type('nothing of this')
  expect(await textOf(ben.page)).toBe(before)
  await editor(ana.page).click()
  await ana.page.keyboard.type('ana writes')
  await expect.poll(() => textOf(ben.page)).toContain('ana writes')

  await (await memberOf(ana.page, ben.page)).remove()
  await expect(ben.page.getByText(/You have no access to/)).toBeVisible()
  expect(await textOf(ben.page)).toContain('ana writes')
})
