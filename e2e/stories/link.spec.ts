/** The first fact while links and servers break: it is true at every sample, and a dead link is not taken for a slow one. */
import type { Page } from '@playwright/test'
import { makeToken, projectIdOf } from '../world/api.ts'
import { pauseDatabase } from '../world/database.ts'
import { editor, facts, untilSaved } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'
import { add, listen, settleIn, textOnServer, untilKept } from '../world/typing.ts'

const COLLAB = /\/collab\?/

test('ON1, F8: a socket that carries nothing any more is given up while an edit waits, though the server answers', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  let isSilent = false
  let sockets = 0
  await ana.page.routeWebSocket(COLLAB, (socket) => {
    sockets += 1
    const number = sockets
    const server = socket.connectToServer()
    // Only what stands when it happens goes silent.
    const carries = () => !isSilent || number > 1
    socket.onMessage((message) => carries() && server.send(message))
    server.onMessage((message) => carries() && socket.send(message))
  })
  const page = await settleIn(ana, skein.url)
  isSilent = true
  await add(page, 'geese on a dead line')
  await expect.poll(() => sockets).toBe(2)
  await untilSaved(page)
  expect(await textOnServer(page, 'welcome.md')).toContain('geese on a dead line')
})

test('ON2: a database that does not answer is no dead link: Saving… stays until it does', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  let sockets = 0
  ana.page.on('websocket', () => sockets++)
  const said = await listen(ana.page)
  const page = await settleIn(ana, skein.url)
  expect(sockets).toBe(1)
  pauseDatabase(skein, true)
  try {
    await add(page, 'geese before the database')
    // Longer than a dead link would be allowed to stand.
    await page.waitForTimeout(9_000)
    await expect(facts(page)).toContainText('Saving…')
  } finally {
    pauseDatabase(skein, false)
  }
  await untilSaved(page)
  expect(sockets).toBe(1)
  expect(await said()).not.toContain('Reconnecting')
})

/** Everything that the page showed as Saved in any frame, from its next load on. */
async function watchSaved(page: Page): Promise<readonly string[]> {
  const seen: string[] = []
  await page.exposeFunction('sawSaved', (text: string) => seen.push(text))
  await page.addInitScript(() => {
    const { sawSaved } = window as unknown as { sawSaved(text: string): void }
    let last: unknown
    const look = () => {
      requestAnimationFrame(look)
      if (document.querySelector('.facts [role=status]')?.textContent !== 'Saved') return
      type Content = Element & { cmTile?: { view?: { state: { doc: { toString(): string } } } } }
      const doc = document.querySelector<Content>('.cm-content')?.cmTile?.view?.state.doc
      if (!doc || doc === last) return
      last = doc
      sawSaved(doc.toString())
    }
    requestAnimationFrame(look)
  })
  return seen
}

const markersIn = (text: string): string[] => text.match(/m\d+;/g) ?? []

test('in every frame in which it says Saved, the server has every word, through kills, absences and reloads', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  const { page, context } = ana
  const seen = await watchSaved(page)
  await settleIn(ana, skein.url)
  const token = await makeToken(page)
  const address = `${skein.url}/api/v1/projects/${projectIdOf(page)}/raw/welcome.md`
  const read = async (): Promise<string> =>
    await (await fetch(address, { headers: { authorization: `Bearer ${token}` } })).text()

  let marker = 0
  /** Types for a while, with rests in which it may say Saved. */
  const type = async (words: number): Promise<void> => {
    await editor(page).click()
    await page.keyboard.press('ControlOrMeta+End')
    for (const last = marker + words; marker < last; marker++) {
      await page.keyboard.insertText(`m${marker};`)
      if (marker % 4 === 3) await page.waitForTimeout(750)
    }
  }
  /** With the writer cut off nothing can reach the server late: what was called saved is there already, or lost. */
  const compare = async (): Promise<void> => {
    const onServer = new Set(markersIn(await read()))
    for (const text of seen) for (const word of markersIn(text)) expect(onServer).toContain(word)
  }

  for (const round of ['killed', 'away', 'reloaded'] as const) {
    await type(9)
    const cutOff = context.setOffline(true)
    if (round === 'killed') await skein.restart('SIGKILL')
    await cutOff
    await expect(facts(page)).toContainText('Offline')
    await type(3)
    await untilKept(page)
    await compare()
    await context.setOffline(false)
    if (round === 'reloaded') await page.reload()
    else await type(2)
    await untilSaved(page)
  }
  expect(markersIn(await read())).toHaveLength(marker)
  expect(seen.length).toBeGreaterThan(4)
})
