/** What stories about unsaved work have in common: typing in one edit, and looking at what this page says and the server has. */
import type { Page } from '@playwright/test'
import { expect } from '@playwright/test'
import { callAs, projectIdOf } from './api.ts'
import { editor, facts, type Person, signUp, untilSaved } from './people.ts'

/** Types at the end of the open file in one edit. */
export async function add(page: Page, words: string): Promise<void> {
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.insertText(words)
}

/** Every state that the page calls out from its next load on. */
export async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const said: string[] = []
    Object.assign(window, { said })
    new MutationObserver(() => {
      const words = document.querySelector('.facts [role=status]')?.textContent ?? ''
      if (words !== said.at(-1)) said.push(words)
    }).observe(document, { subtree: true, childList: true, characterData: true })
  })
  return () => page.evaluate(() => (window as unknown as { said: string[] }).said)
}

export const textOnServer = (page: Page, path: string): Promise<string> =>
  page.evaluate(
    async (address) => await (await fetch(address)).text(),
    `/api/v1/projects/${projectIdOf(page)}/raw/${path}`,
  )

export async function documentIdOf(page: Page, path: string): Promise<string> {
  const { body } = await callAs<{ items: { path: string; documentId: string }[] }>(
    page,
    'GET',
    `/projects/${projectIdOf(page)}/files`,
  )
  const file = body.items.find((item) => item.path === path)
  if (!file) throw new Error(`no file ${path}`)
  return file.documentId
}

/**
 * Takes the network away and waits until the page has noticed. What is typed before that may still be acknowledged: the browser takes a moment,
 * and its sockets longer.
 */
export async function goOffline(page: Page): Promise<void> {
  await page.context().setOffline(true)
  await expect(facts(page)).toContainText('Offline')
}

/** Offline, with everything typed on this device. */
export const untilKept = (page: Page) => expect(facts(page)).toContainText(/Offline, \d+ changes? on this device/)

/** Signed up, alone in welcome.md, everything saved. */
export async function settleIn(person: Person, url: string): Promise<Page> {
  const { page } = person
  await signUp(person, url)
  await page.keyboard.press('Escape')
  await untilSaved(page)
  return page
}

/** The browser has what it needs to open the app without the server. */
export async function untilOpensOffline(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready)
  await expect.poll(() => page.evaluate(async () => (await caches.match('/offline'))?.status)).toBe(200)
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const names = (await indexedDB.databases()).flatMap(({ name }) => (name?.startsWith('skein:') ? [name] : []))
        return await new Promise((resolve) => {
          const request = indexedDB.open(names[0] ?? '')
          request.onsuccess = () => {
            const db = request.result
            const count = db.transaction('projects').objectStore('projects').count()
            count.onsuccess = () => {
              db.close()
              resolve(count.result)
            }
          }
        })
      }),
    )
    .toBeGreaterThan(0)
}

/** The page has a script of another build in it, and is told that there is a new worker, as after a deployment. */
export async function pretendOlderBuild(page: Page): Promise<void> {
  await page.evaluate(() => {
    const script = document.createElement('script')
    // A kind that is not fetched: it only stands there, as the scripts of an older build do.
    script.type = 'text/plain'
    script.src = '/_next/static/chunks/of-an-older-build.js'
    document.head.append(script)
    navigator.serviceWorker.dispatchEvent(new Event('controllerchange'))
  })
  await expect(page.getByText('Skein was updated.')).toBeVisible()
}
