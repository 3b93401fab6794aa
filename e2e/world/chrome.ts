/** What Chromium does to pages that tests cannot do from inside them: no room on the disk, a killed renderer, a sleeping page. */
import type { CDPSession, Page } from '@playwright/test'

async function withSession(page: Page, work: (session: CDPSession) => Promise<unknown>): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await work(session)
  await session.detach()
}

/**
 * Fills the disk under the page, or frees it: writes end as they do when there is no room. (Chromium's own switch for that,
 * Storage.overrideQuotaForOrigin, does not reach IndexedDB.)
 */
export async function fillDisk(page: Page, isFull: boolean): Promise<void> {
  await page.evaluate((isFull) => {
    type Patched = typeof IDBObjectStore.prototype & { putWithRoom?: IDBObjectStore['put'] }
    const store: Patched = IDBObjectStore.prototype
    const put = store.putWithRoom ?? store.put
    store.putWithRoom = put
    store.put = isFull
      ? function (this: IDBObjectStore, ...row: Parameters<typeof put>) {
          const request = put.apply(this, row)
          const error = new DOMException('there is no room', 'QuotaExceededError')
          request.addEventListener('success', () => {
            Object.defineProperty(this.transaction, 'error', { value: error })
            this.transaction.abort()
          })
          return request
        }
      : put
  }, isFull)
}

/** Kills the process of the page, as the system does when memory is short, and closes what is left of it. */
export async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  void session.send('Page.crash').catch(() => undefined)
  await crashed
  await page.close()
}

/** Puts the page to sleep, or wakes it. */
export const freeze = (page: Page, isAsleep: boolean): Promise<void> =>
  withSession(page, (session) => session.send('Page.setWebLifecycleState', { state: isAsleep ? 'frozen' : 'active' }))
