/** What Chromium does to pages that tests cannot do from inside them: no room on the disk, a killed renderer, a sleeping page. */
import type { CDPSession, Page } from '@playwright/test'

async function withSession(page: Page, work: (session: CDPSession) => Promise<unknown>): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await work(session)
  await session.detach()
}

/** Gives the pages of this origin so many bytes to store; without a number as many as the disk allows. */
export async function limitStorage(page: Page, quotaSize?: number): Promise<void> {
  const { origin } = new URL(page.url())
  const session = await page.context().newCDPSession(page)
  // The override holds as long as the session.
  await session.send('Storage.overrideQuotaForOrigin', { origin, ...(quotaSize === undefined ? {} : { quotaSize }) })
}

/** Kills the process of the page, as the system does when memory is short. */
export async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  void session.send('Page.crash').catch(() => undefined)
  await crashed
}

/** Puts the page to sleep, or wakes it. */
export const freeze = (page: Page, isAsleep: boolean): Promise<void> =>
  withSession(page, (session) => session.send('Page.setWebLifecycleState', { state: isAsleep ? 'frozen' : 'active' }))
