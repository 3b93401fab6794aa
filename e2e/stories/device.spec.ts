/** What is typed while the server is away: kept on this device, sent by whichever tab comes next, and never called saved before. */
import type { WebSocketRoute } from '@playwright/test'
import { invite, memberOf } from '../world/invite.ts'
import { facts, signIn, textOf, treeItem, untilSaved } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'
import { add, documentIdOf, goOffline, listen, settleIn, textOnServer, untilKept } from '../world/typing.ts'

const TICKETS = '**/api/v1/collab/tickets'
const COLLAB = /\/collab\?/

test('SF11: edits of a file that is not shown are sent after a reload, and Saved waits for them', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  const page = await settleIn(ana, skein.url)
  const documentId = await documentIdOf(page, 'welcome.md')

  await goOffline(page)
  await add(page, 'geese over the sluice')
  await untilKept(page)
  await treeItem(page, 'weather.md').click()
  await expect(page).toHaveURL(/weather/)

  // Back in reach, and not before a reload; yet whatever is said about the first file is held up on its way.
  const held: (() => void)[] = []
  let isHeld = true
  await page.routeWebSocket(COLLAB, (socket) => {
    const server = socket.connectToServer()
    socket.onMessage((message) => {
      const isOfFirst = Buffer.from(message).includes(documentId)
      if (isHeld && isOfFirst) held.push(() => server.send(message))
      else server.send(message)
    })
  })
  const said = await listen(page)
  await page.route(TICKETS, (route) => route.abort())
  await ana.context.setOffline(false)
  await page.reload()
  await page.unroute(TICKETS)
  await expect(treeItem(page, 'weather.md')).toBeVisible()
  await expect.poll(() => held.length).toBeGreaterThan(0)
  // The shown file settles meanwhile.
  await add(page, 'wind from the west')
  await expect.poll(() => textOnServer(page, 'weather.md')).toContain('wind from the west')
  expect(await said()).not.toContain('Saved')
  expect(await textOnServer(page, 'welcome.md')).not.toContain('geese over the sluice')

  isHeld = false
  for (const send of held) send()
  await untilSaved(page)
  expect(await textOnServer(page, 'welcome.md')).toContain('geese over the sluice')
})

test('ON4: a tab that is acknowledged does not clear what another has not sent, and signing out asks', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  // Tabs that can tell each other of their edits would send them for each other.
  await ana.context.addInitScript(() => Object.defineProperty(window, 'BroadcastChannel', { value: undefined }))
  const first = await settleIn(ana, skein.url)
  const welcome = first.url()
  const second = await ana.context.newPage()
  await second.goto(welcome)
  await untilSaved(second)

  await first.bringToFront()
  await goOffline(first)
  await add(first, 'eleven geese')
  await untilKept(first)
  await first.route(TICKETS, (route) => route.abort())
  await ana.context.setOffline(false)

  await second.bringToFront()
  await untilSaved(second)
  await add(second, 'low tide')
  await expect.poll(() => textOnServer(second, 'welcome.md')).toContain('low tide')
  await untilSaved(second)

  await second.getByRole('button', { name: 'Your account, Ana' }).click()
  await second.getByRole('menuitem', { name: 'Sign out' }).click()
  const question = second.getByRole('dialog', { name: /only on this device/ })
  await expect(question).toBeVisible()
  await first.close()
  await question.getByRole('button', { name: 'Sign out' }).click()
  await expect(second).toHaveURL(`${skein.url}/`)

  await signIn({ ...ana, page: second }, skein.url)
  await expect(second).not.toHaveURL(/sign-in/)
  await second.goto(welcome)
  await expect
    .poll(() => textOf(second).catch(() => ''))
    .toMatch(/eleven geese[\s\S]*low tide|low tide[\s\S]*eleven geese/)
  await untilSaved(second)
})

test('a socket that is closed over what it sends comes back, but not for ever', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  let code = 0
  let closes = 0
  let closesMax = Number.POSITIVE_INFINITY
  await ana.page.routeWebSocket(COLLAB, (socket: WebSocketRoute) => {
    const server = socket.connectToServer()
    socket.onMessage((message) => {
      if (code === 0 || closes >= closesMax || !Buffer.from(message).includes('a word too much')) server.send(message)
      else {
        closes += 1
        void socket.close({ code })
        void server.close()
      }
    })
  })
  const page = await settleIn(ana, skein.url)

  await test.step('a change that is too large once goes through with the second attempt', async () => {
    code = 1009
    closesMax = 1
    await add(page, 'a word too much')
    await expect.poll(() => closes).toBe(1)
    await untilSaved(page)
  })

  await test.step('a change that is always refused is said to be not saved, and can be copied', async () => {
    code = 1008
    closes = 0
    closesMax = Number.POSITIVE_INFINITY
    await add(page, 'and again a word too much')
    const dialog = page.getByRole('alertdialog', { name: 'Your last words are not saved' })
    await expect(dialog).toBeVisible({ timeout: 30_000 })
    await expect(facts(page)).toContainText('Not saved')
    expect(closes).toBe(3)
    await dialog.getByRole('button', { name: 'Copy your text' }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('and again a word too much')
    code = 0
    await page.getByRole('button', { name: 'Copy your text' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Keep trying' }).click()
    await untilSaved(page)
  })
})

test('SF5: what was typed offline by somebody who may only read by now is said to be not saved, until it is taken', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  await settleIn(ana, skein.url)
  const ben = await invite(ana.page, await meet('Ben'), 'editor')
  await untilSaved(ben.page)
  const member = await memberOf(ana.page, ben.page)

  await goOffline(ben.page)
  await add(ben.page, 'unpaid geese')
  await untilKept(ben.page)
  await member.make('viewer')
  const said = await listen(ben.page)
  await ben.context.setOffline(false)
  await ben.page.reload()
  const dialog = ben.page.getByRole('alertdialog', { name: 'Your last words are not saved' })
  await expect(dialog).toContainText('You may no longer change this file')
  await dialog.getByRole('button', { name: 'Copy your text' }).click()
  expect(await ben.page.evaluate(() => navigator.clipboard.readText())).toContain('unpaid geese')
  expect(await said()).not.toContain('Saved')

  await member.make('editor')
  await ben.page.reload()
  await untilSaved(ben.page)
  expect(await textOnServer(ana.page, 'welcome.md')).toContain('unpaid geese')
})

test('what is typed before a slow device has opened its store is kept by it all the same', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  const { page } = ana
  await page.addInitScript(() => {
    if (sessionStorage.getItem('device') === 'quick') return
    const open = IDBFactory.prototype.open
    const isLetGo = new Promise<void>((letGo) => Object.assign(window, { letDeviceGo: letGo }))
    IDBFactory.prototype.open = function (...named) {
      const real = open.apply(this, named)
      const late = {} as { onupgradeneeded?(event: Event): void; onsuccess?(): void }
      Object.defineProperty(late, 'result', { get: () => real.result })
      real.onupgradeneeded = (event) => late.onupgradeneeded?.(event)
      real.onsuccess = () => void isLetGo.then(() => late.onsuccess?.())
      return late as unknown as IDBOpenDBRequest
    }
  })
  await settleIn(ana, skein.url)
  await goOffline(page)
  await add(page, 'early geese')
  await expect(facts(page)).toContainText('Offline')
  await expect(facts(page)).not.toContainText('on this device')
  await page.evaluate(() => (window as unknown as { letDeviceGo(): void }).letDeviceGo())
  await untilKept(page)

  await page.evaluate(() => sessionStorage.setItem('device', 'quick'))
  await page.route(TICKETS, (route) => route.abort())
  await ana.context.setOffline(false)
  await page.reload()
  await expect.poll(() => textOf(page).catch(() => '')).toMatch(/Welcome[\s\S]*early geese/)
  await page.unroute(TICKETS)
  await untilSaved(page)
  expect(await textOnServer(page, 'welcome.md')).toContain('early geese')
})

test('SF5, SF8: without a store in the browser editing works, and says so when the server is away too', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  const { page } = ana
  await page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }))
  await settleIn(ana, skein.url)
  await add(page, 'geese')
  await expect.poll(() => textOnServer(page, 'welcome.md')).toContain('geese')
  await untilSaved(page)
  await goOffline(page)
  await add(page, 'more geese')
  const dialog = page.getByRole('alertdialog', { name: 'Your last words are not saved' })
  await expect(dialog).toContainText('this browser gives the page no storage')
  await ana.context.setOffline(false)
  await expect(dialog).toHaveCount(0)
  await untilSaved(page)
  expect(await textOnServer(page, 'welcome.md')).toContain('more geese')
})
