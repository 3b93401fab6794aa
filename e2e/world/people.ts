/** What people do in the browser, in their words; the stories are written in these steps. */
import type { Browser, BrowserContext, Locator, Page } from '@playwright/test'
import { expect } from '@playwright/test'

export interface Person {
  name: string
  email: string
  page: Page
  context: BrowserContext
  /** Console errors and uncaught exceptions so far; a story that ends with any has failed. */
  troubles: string[]
}

/** What Chromium itself reports of refused requests and of a server that is away: both are part of some stories, and the page says them in words. */
const OF_THE_BROWSER =
  /^Failed to load resource|^WebSocket connection to .* failed: (Error in connection establishment|.* response code: 503)/

const PASSWORD = 'a quiet morning on the flats'
let people = 0

/** A browser of their own, with nothing in it. */
export async function arrive(
  browser: Browser,
  name: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Person> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !OF_THE_BROWSER.test(message.text())) troubles.push(message.text())
  })
  page.on('pageerror', (error) => troubles.push(String(error)))
  people += 1
  return { name, email: `${name.toLowerCase()}-${Date.now()}-${people}@example.org`, page, context, troubles }
}

export async function fillSignUp(person: Person, password = PASSWORD): Promise<void> {
  const { page } = person
  await page.getByLabel('Name', { exact: true }).fill(person.name)
  await page.getByLabel('E-mail', { exact: true }).fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Create account' }).click()
}

/** Creates an account on the landing page and waits until the demo project is open. */
export async function signUp(person: Person, url: string): Promise<void> {
  await person.page.goto(url)
  await fillSignUp(person)
  await expect(editor(person.page)).toBeVisible({ timeout: 30_000 })
}

export async function signIn(person: Person, url: string, password = PASSWORD): Promise<void> {
  await person.page.goto(`${url}/sign-in`)
  await person.page.getByLabel('E-mail', { exact: true }).fill(person.email)
  await person.page.getByLabel('Password', { exact: true }).fill(password)
  await person.page.getByRole('button', { name: 'Sign in' }).click()
}

export const editor = (page: Page): Locator => page.locator('.cm-content').first()
export const saved = (page: Page): Locator => page.getByRole('status').filter({ hasText: /^Saved/ })
export const facts = (page: Page): Locator => page.getByRole('list', { name: 'State of your work' })
export const treeItem = (page: Page, name: string): Locator =>
  page.getByRole('treeitem', { name, exact: false }).filter({ hasText: name })

/** The whole text of the open file as the editor holds it, not only the lines on screen. */
export const textOf = (page: Page): Promise<string> =>
  editor(page).evaluate((content) => {
    // CodeMirror hangs its view on the content element.
    const { cmTile } = content as unknown as { cmTile?: { view?: { state: { doc: { toString(): string } } } } }
    return cmTile?.view?.state.doc.toString() ?? (content as HTMLElement).innerText
  })

export async function untilSaved(page: Page): Promise<void> {
  await expect(saved(page)).toBeVisible()
}
