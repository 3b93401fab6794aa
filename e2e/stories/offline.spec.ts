/** The app without its server: it opens, shows what this device holds, keeps what is typed, and brings it back without a question. */
import type { Page } from '@playwright/test'
import { crash, fillDisk, freeze } from '../world/chrome.ts'
import { beginEpoch } from '../world/database.ts'
import { invite } from '../world/invite.ts'
import { editor, facts, textOf, treeItem, untilSaved } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'
import {
  add,
  documentIdOf,
  goOffline,
  pretendOlderBuild,
  settleIn,
  textOnServer,
  untilKept,
  untilOpensOffline,
} from '../world/typing.ts'

/** Edits of the merge story: typed without a network, and made by somebody else meanwhile. The fault matrix asks for 5000 and 20000. */
const OWN_EDITS = Number(process.env.STORY_OWN_EDITS ?? 2_000)
const REMOTE_EDITS = Number(process.env.STORY_REMOTE_EDITS ?? 2_000)

test('ON12: a project opens without the server, with the files of this device, and what is typed arrives later', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  const page = await settleIn(ana, skein.url)
  await untilOpensOffline(page)
  await ana.context.setOffline(true)
  await page.reload()
  await expect(editor(page)).toBeVisible()
  expect(await textOf(page)).toContain('Welcome')
  await add(page, 'ten geese without a server')
  await untilKept(page)

  await test.step('a file that was never opened here says so', async () => {
    await treeItem(page, 'weather.md').click()
    await expect(page.getByRole('heading', { name: 'weather.md is not on this device' })).toBeVisible()
  })

  await test.step('another page names the projects that can be opened', async () => {
    await page.goto(skein.url)
    await expect(page.getByRole('heading', { name: 'Skein does not answer' })).toBeVisible()
    await page.getByRole('link', { name: 'Demo' }).click()
    await treeItem(page, 'welcome.md').click()
    await expect.poll(() => textOf(page).catch(() => '')).toContain('ten geese without a server')
    await untilKept(page)
  })

  await ana.context.setOffline(false)
  await untilSaved(page)
  expect(await textOnServer(page, 'welcome.md')).toContain('ten geese without a server')
  await treeItem(page, 'weather.md').click()
  await expect(editor(page)).toHaveAttribute('aria-label', 'weather.md')
  await expect(facts(page)).toContainText(/Committed|changed|Last commit/)

  await test.step('ON4: whoever signs out leaves nothing for the next one at this device', async () => {
    const address = page.url()
    await page.getByRole('button', { name: 'Your account, Ana' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(page).toHaveURL(`${skein.url}/`)
    await ana.context.setOffline(true)
    await page.goto(address)
    await expect(page.getByRole('heading', { name: 'This project is not on this device' })).toBeVisible()
    await expect(page.getByText('Demo')).toHaveCount(0)
    await ana.context.setOffline(false)
    await expect(page).toHaveURL(/sign-in/)
  })
})

test('ON10: a page of another build than the server’s says so, and reloads only when asked to', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  const page = await settleIn(ana, skein.url)
  await untilOpensOffline(page)
  await pretendOlderBuild(page)
  await page.getByRole('button', { name: 'Reload' }).click()
  await untilSaved(page)
  await expect(page.getByText('Skein was updated.')).toHaveCount(0)
})

test('ON11: at a plain http address nothing is registered, and the page says to leave it open', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  await ana.page.addInitScript(() => Object.defineProperty(window, 'isSecureContext', { value: false }))
  const page = await settleIn(ana, skein.url)
  await ana.context.setOffline(true)
  await expect(page.getByText(/Leave the page open until then: at a plain http address/)).toBeVisible()
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0)
})

test('ON5, F20: two tabs without a server share what is typed, a killed one loses nothing, and all of it arrives once', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  const first = await settleIn(ana, skein.url)
  await untilOpensOffline(first)
  const second = await ana.context.newPage()
  await second.goto(first.url())
  await untilSaved(second)
  for (const page of [second, first]) {
    await page.bringToFront()
    await goOffline(page)
  }
  await add(first, 'eleven geese ')
  await untilKept(first)
  await expect.poll(() => textOf(second)).toContain('eleven geese')
  await expect(facts(second)).toContainText('1 change on this device')
  await second.bringToFront()
  await add(second, 'low tide ')
  await expect.poll(() => textOf(first)).toContain('low tide')
  await expect(facts(first)).toContainText('2 changes on this device')
  await first.bringToFront()
  await add(first, 'a killed tab ')
  await expect(facts(first)).toContainText('3 changes on this device')
  await crash(first)

  const third = await ana.context.newPage()
  await third.goto(second.url())
  await expect.poll(() => textOf(third).catch(() => '')).toMatch(/eleven geese low tide a killed tab/)
  await ana.context.setOffline(false)
  await untilSaved(third)
  await untilSaved(second)
  expect((await textOnServer(third, 'welcome.md')).match(/eleven geese|low tide|a killed tab/g)).toHaveLength(3)
})

test('ON6, F20: a full disk and a store that is taken away are said as they are, and mended when they can be', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  const page = await settleIn(ana, skein.url)
  await untilOpensOffline(page)
  const notSaved = page.getByRole('alertdialog', { name: 'Your last words are not saved' })

  await test.step('a disk without room: not saved, until there is some', async () => {
    await goOffline(page)
    await add(page, 'one goose ')
    await untilKept(page)
    await fillDisk(page, true)
    await add(page, 'too many geese ')
    await expect(notSaved).toContainText('the disk of this device is full')
    await expect(facts(page)).toContainText('Not saved')
    await fillDisk(page, false)
    await expect(notSaved).toHaveCount(0)
    await untilKept(page)
  })

  await test.step('a store that was deleted under the page is written again, with all that it held', async () => {
    await page.evaluate(async () => {
      for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name)
    })
    await add(page, 'after the store was gone')
    await untilKept(page)
    await page.reload()
    await expect(page.getByRole('heading', { name: 'This project is not on this device' })).toBeVisible()
  })

  await ana.context.setOffline(false)
  await untilSaved(page)
  const text = await textOnServer(page, 'welcome.md')
  expect(text).toContain('one goose')
  expect(text).toContain('after the store was gone')
  expect(text).toContain('too many geese')
})

test('ON3, F21: a page that sleeps while the server dies and others write is in step again when it wakes', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  await settleIn(ana, skein.url)
  const ben = await invite(ana.page, await meet('Ben'), 'editor')
  await ben.page.keyboard.press('Escape')
  await untilSaved(ben.page)

  await freeze(ana.page, true)
  await skein.restart('SIGKILL')
  await ben.page.bringToFront()
  await add(ben.page, 'while ana slept ')
  await untilSaved(ben.page)
  await freeze(ana.page, false)
  await ana.page.bringToFront()
  await expect.poll(() => textOf(ana.page)).toContain('while ana slept')
  await untilSaved(ana.page)
  await add(ana.page, 'ana is awake ')
  await expect.poll(() => textOf(ben.page)).toContain('ana is awake')

  await test.step('put away by Back and brought out again: others see its caret', async () => {
    const show = (type: 'pagehide' | 'pageshow') =>
      ana.page.evaluate((name) => window.dispatchEvent(new PageTransitionEvent(name, { persisted: true })), type)
    await expect(ben.page.locator('.cm-remoteCaret').first()).toBeAttached()
    await show('pagehide')
    await expect(ben.page.locator('.cm-remoteCaret')).toHaveCount(0)
    await show('pageshow')
    await add(ana.page, 'and visible ')
    await expect(ben.page.locator('.cm-remoteCaret').first()).toBeAttached()
  })
})

/** So many edits of one word each, at the beginnings of lines all over the text. */
const typeMany = (page: Page, word: string, count: number): Promise<void> =>
  editor(page).evaluate(
    (content, { word, count }) => {
      type Doc = { lines: number; line(number: number): { from: number } }
      type View = { state: { doc: Doc }; dispatch(change: object): void }
      const view = (content as unknown as { cmTile: { view: View } }).cmTile.view
      for (let at = 0; at < count; at++) {
        const { doc } = view.state
        const { from } = doc.line(1 + ((at * 7919) % doc.lines))
        view.dispatch({ changes: { from, insert: `${word}${at};` }, userEvent: 'input.type' })
      }
    },
    { word, count },
  )

const countOf = (text: string, word: string): number => text.match(new RegExp(`${word}\\d`, 'g'))?.length ?? 0

test('F19: many edits made offline, with a reload between, merge with many of somebody else, and undo stays one’s own', async ({
  skein,
  meet,
}) => {
  test.setTimeout(120_000 + (OWN_EDITS + REMOTE_EDITS) * 20)
  const ana = await meet('Ana')
  const page = await settleIn(ana, skein.url)
  await treeItem(page, 'weather.md').click()
  await expect(editor(page)).toHaveAttribute('aria-label', 'weather.md')
  await untilSaved(page)
  await untilOpensOffline(page)
  const ben = await invite(page, await meet('Ben'), 'editor')
  await ben.page.goto(page.url())
  await expect(editor(ben.page)).toHaveAttribute('aria-label', 'weather.md')
  await untilSaved(ben.page)

  await goOffline(page)
  const half = Math.floor(OWN_EDITS / 2)
  await typeMany(page, 'own', half)
  await untilKept(page)
  await page.reload()
  await expect(editor(page)).toHaveAttribute('aria-label', 'weather.md')
  await typeMany(page, 'late', OWN_EDITS - half)
  await expect(facts(page)).toContainText(`Offline, ${OWN_EDITS} changes on this device`)
  await typeMany(ben.page, 'far', REMOTE_EDITS)
  await untilSaved(ben.page)

  const started = Date.now()
  await ana.context.setOffline(false)
  await untilSaved(page)
  await expect.poll(async () => countOf(await textOf(page), 'far')).toBeGreaterThanOrEqual(1)
  const mergedMs = Date.now() - started
  test.info().annotations.push({ type: 'merge', description: `${mergedMs} ms` })
  await expect.poll(async () => (await textOf(ben.page)) === (await textOf(page))).toBe(true)
  expect(await textOnServer(page, 'weather.md')).toBe(await textOf(page))

  const before = await textOf(page)
  await editor(page).focus()
  await page.keyboard.press('ControlOrMeta+z')
  await expect.poll(async () => countOf(await textOf(page), 'late')).toBeLessThan(countOf(before, 'late'))
  const after = await textOf(page)
  expect(countOf(after, 'far')).toBe(countOf(before, 'far'))
  expect(countOf(after, 'own')).toBe(countOf(before, 'own'))
})

test('ON7: a file that was restored on the server starts anew, and what it does not have is kept as a text of its own', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  const page = await settleIn(ana, skein.url)
  const document = await documentIdOf(page, 'welcome.md')
  await skein.restart('SIGTERM', async () => {
    await expect(facts(page)).toContainText('Offline')
    await add(page, 'geese of the old history')
    await untilKept(page)
    await beginEpoch(skein, document, '# From a backup\n')
  })
  await expect.poll(() => textOf(page).catch(() => '')).toBe('# From a backup\n')
  await expect(page.getByText('This file was restored on the server from a backup.')).toBeVisible()
  await page.getByRole('button', { name: 'Copy my text' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('geese of the old history')
  await add(page, 'a new beginning')
  await untilSaved(page)
  await page.reload()
  await untilSaved(page)
  await expect.poll(() => textOf(page).catch(() => '')).toBe('# From a backup\na new beginning')
  await page.getByRole('button', { name: 'Delete my copy' }).click()
  await expect(page.getByText('This file was restored on the server from a backup.')).toHaveCount(0)
  expect(await textOnServer(page, 'welcome.md')).toBe('# From a backup\na new beginning')
})
