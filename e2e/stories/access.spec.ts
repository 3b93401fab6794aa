/** Rights that change under somebody's hands: said in words, nothing typed is lost, the page stays, and nobody else notices. */
import type { Page } from '@playwright/test'
import { callAs, projectIdOf } from '../world/api.ts'
import { invite, memberOf } from '../world/invite.ts'
import { editor, facts, type Person, signIn, textOf, untilSaved } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'
import { add, goOffline, settleIn, textOnServer, untilKept } from '../world/typing.ts'

/** Requests for tickets in three seconds: a page that reloads or reconnects in a loop asks for far more. */
const TICKETS_MAX = 8

/** Watches that a page neither reloads nor reconnects without end, from now on. */
function watchLoops(page: Page): () => Promise<void> {
  let loads = 0
  let tickets = 0
  page.on('domcontentloaded', () => loads++)
  page.on('request', (request) => {
    if (request.url().endsWith('/collab/tickets')) tickets++
  })
  return async () => {
    tickets = 0
    await page.waitForTimeout(3_000)
    expect(loads).toBe(0)
    expect(tickets).toBeLessThan(TICKETS_MAX)
  }
}

/** Ana owns a project, Ben writes in it and has just typed something that is saved. */
async function writeTogether(ana: Person, ben: Person, url: string): Promise<void> {
  await settleIn(ana, url)
  await invite(ana.page, ben, 'editor')
  await ben.page.keyboard.press('Escape')
  await add(ben.page, 'before it changed ')
  await untilSaved(ben.page)
}

/** What is not taken from somebody stands in the dialog to be copied, or where the project has been. */
async function copyUnsaved(page: Page): Promise<string> {
  const dialog = page.getByRole('alertdialog', { name: 'Your last words are not saved' })
  const inDialog = dialog.getByRole('button', { name: 'Copy your text' })
  await inDialog.or(page.getByRole('button', { name: 'Copy your last text' })).click()
  return await page.evaluate(() => navigator.clipboard.readText())
}

const isGood = async (ana: Person): Promise<void> => {
  await add(ana.page, 'ana goes on ')
  await expect.poll(() => textOnServer(ana.page, 'welcome.md')).toContain('ana goes on')
  await untilSaved(ana.page)
}

test('F22: a writer who becomes a viewer while typing reads on, and each word is on the server or in the copy', async ({
  skein,
  meet,
}) => {
  const [ana, ben] = [await meet('Ana'), await meet('Ben')]
  await writeTogether(ana, ben, skein.url)
  const ofBen = await memberOf(ana.page, ben.page)
  const noLoop = watchLoops(ben.page)
  await editor(ben.page).click()
  await ben.page.keyboard.press('ControlOrMeta+End')
  const words = Array.from({ length: 60 }, (_, at) => `w${at}.`)
  const typing = (async () => {
    for (const word of words) await ben.page.keyboard.insertText(word)
  })()
  await ofBen.make('viewer')
  await expect(ben.page.getByText(/You can read Demo/)).toBeVisible()
  await typing
  const text = await textOf(ben.page)
  const onServer = await textOnServer(ana.page, 'welcome.md')
  const missing = words.filter((word) => text.includes(word) && !onServer.includes(word))
  if (missing.length > 0) {
    await expect(facts(ben.page)).toContainText('Not saved')
    const copied = await copyUnsaved(ben.page)
    for (const word of missing) expect(copied).toContain(word)
  } else await expect(facts(ben.page)).toContainText('Reading only')
  await noLoop()
  await isGood(ana)
})

test('F22: somebody who is removed while offline is told on return, and keeps what was not taken', async ({
  skein,
  meet,
}) => {
  const [ana, ben] = [await meet('Ana'), await meet('Ben')]
  await writeTogether(ana, ben, skein.url)
  const ofBen = await memberOf(ana.page, ben.page)
  await goOffline(ben.page)
  await add(ben.page, 'geese of the removed')
  await untilKept(ben.page)
  await ofBen.remove()
  const noLoop = watchLoops(ben.page)
  await ben.context.setOffline(false)
  await expect(ben.page.getByText(/You have no access to Demo/)).toBeVisible()
  expect(await copyUnsaved(ben.page)).toContain('geese of the removed')
  await noLoop()
  await isGood(ana)
  expect(await textOnServer(ana.page, 'welcome.md')).not.toContain('geese of the removed')
})

test('F22: a project that is deleted under an open page says so and gives the last words back', async ({
  skein,
  meet,
}) => {
  const [ana, ben] = [await meet('Ana'), await meet('Ben')]
  await writeTogether(ana, ben, skein.url)
  const project = projectIdOf(ana.page)
  await goOffline(ben.page)
  await add(ben.page, 'geese of a lost project')
  await untilKept(ben.page)
  const noLoop = watchLoops(ben.page)
  expect((await callAs(ana.page, 'DELETE', `/projects/${project}`)).status).toBeLessThan(300)
  await expect(ana.page.getByRole('heading', { name: 'Demo was deleted' })).toBeVisible()
  await ben.context.setOffline(false)
  await expect(ben.page.getByText(/You have no access to Demo|Demo was deleted/)).toBeVisible()
  expect(await copyUnsaved(ben.page)).toContain('geese of a lost project')
  await noLoop()
})

test('F22: a session that is ended from another device leaves the text in sight and is taken up by signing in', async ({
  skein,
  meet,
}) => {
  const [ana, ben] = [await meet('Ana'), await meet('Ben')]
  await writeTogether(ana, ben, skein.url)
  const other = await meet('Ben')
  await signIn({ ...other, email: ben.email }, skein.url)
  await expect(other.page).not.toHaveURL(/sign-in/)
  const noLoop = watchLoops(ben.page)
  const revoked = await other.page.evaluate(
    async () => (await fetch('/api/auth/revoke-other-sessions', { method: 'POST' })).status,
  )
  expect(revoked).toBe(200)
  await expect(ben.page.getByText('You are signed out.')).toBeVisible()
  await add(ben.page, 'geese without a session')
  await untilKept(ben.page)
  await noLoop()
  await ben.page.getByRole('link', { name: 'Sign in', exact: true }).click()
  await ben.page.getByLabel('E-mail', { exact: true }).fill(ben.email)
  await ben.page.getByLabel('Password', { exact: true }).fill('a quiet morning on the flats')
  await ben.page.getByRole('button', { name: 'Sign in' }).click()
  await untilSaved(ben.page)
  expect(await textOnServer(ana.page, 'welcome.md')).toContain('geese without a session')
  await isGood(ana)
})
