/**
 * The fixtures of the stories: one product per worker with the stand-in for GitHub and a Git server beside it, and people who are
 * checked for console errors when they leave.
 */
import { test as base, expect } from '@playwright/test'
import { type Github, startGithub } from './github/client.ts'
import { arrive, type Person } from './people.ts'
import { bootProduct, type Product } from './product.ts'

interface Story {
  /** Somebody with a browser of their own. */
  meet(name: string, options?: Parameters<typeof arrive>[2]): Promise<Person>
}

interface Worker {
  github: Github
  skein: Product
}

/** Short quiet times, so that a story does not wait for them. */
const SETTINGS = {
  SNAPSHOT_QUIET_MS: '1500',
  PUSH_MIN_INTERVAL_MS: '500',
  LOG_LEVEL: 'warn',
}

/** GitHub is told where this product is, as whoever made the App by hand would have typed it in. */
async function introduceApp(github: Github, { url }: Product): Promise<void> {
  const installed = `${url}/api/v1/github/installed`
  const hook = { url: `${url}/webhooks/github` }
  await github.changeApp({ callbackUrls: [installed], setupUrl: installed, asksUser: true, hook })
}

export const test = base.extend<Story, Worker>({
  github: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern
    async ({}, use) => {
      const github = await startGithub()
      await use(github)
      await github.stop()
    },
    { scope: 'worker' },
  ],
  skein: [
    async ({ github }, use) => {
      const product = await bootProduct({
        ...SETTINGS,
        ...github.settings,
        GIT_TRUSTED_HOSTS: new URL(github.gitUrl).host,
      })
      await introduceApp(github, product)
      await use(product)
      await product.stop()
    },
    { scope: 'worker', timeout: 90_000 },
  ],
  meet: async ({ browser }, use) => {
    const people: Person[] = []
    await use(async (name, options) => {
      const person = await arrive(browser, name, options)
      people.push(person)
      return person
    })
    for (const person of people) {
      expect(person.troubles, `console of ${person.name}`).toEqual([])
      await person.context.close()
    }
  },
})

export { expect }
