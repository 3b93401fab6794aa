/** A project that is linked to a repository on the stand-in, and what both sides hold of it. */
import type { Page } from '@playwright/test'
import { expect } from '@playwright/test'
import { callAs, projectIdOf } from './api.ts'
import type { Github } from './github/client.ts'
import { createRepository, headOf, type RemoteRepository } from './github-repository.ts'
import { type Person, signUp } from './people.ts'

export interface Status {
  head: { oid: string } | null
  github: {
    state: 'not-linked' | 'pushed' | 'waiting' | 'held' | 'paused'
    mode: string
    modeReason: string | null
    waitingCommits: number
    openConflicts: number
    remote: { oid: string | null } | null
    pullRequest: { number: number; state: string; title: string } | null
    reason: { code: string; message: string } | null
  }
}

export interface Linked {
  page: Page
  project: string
  repository: RemoteRepository
  status(): Promise<Status>
  /** Both sides hold the same commit, and nothing waits. */
  untilPushed(): Promise<void>
  /** Writes a whole file and commits; the file is new, or stands as it was read last. */
  write(path: string, text: string): Promise<void>
  /** The live text of a file. */
  read(path: string): Promise<string>
  commit(): Promise<string | null>
  /** A file as the linked branch on GitHub has it; null when it has none. */
  remoteText(path: string): Promise<string | null>
  openInEditor(path: string): Promise<void>
}

/** How long a round to GitHub and back may take when the machine is busy. */
export const roundMs = 60_000

/** Signs the person up, links their first project to a new repository by the API, and waits until both sides hold the same. */
export async function startLinked(
  person: Person,
  url: string,
  github: Github,
  name: string,
  mode: 'direct_commit' | 'protected_pr' | 'hybrid',
): Promise<Linked> {
  await signUp(person, url)
  const { page } = person
  await page.keyboard.press('Escape')
  const repository = await createRepository(github, name)
  const linked = linkedOf(page, url, github, projectIdOf(page), repository)
  const { installationId, id } = repository
  const body = { installationId, repositoryId: id, mode }
  const answer = await callAs(page, 'POST', `/projects/${linked.project}/github/link`, body)
  expect(answer, 'the project is linked').toMatchObject({ status: 200 })
  await linked.untilPushed()
  return linked
}

export function linkedOf(
  page: Page,
  url: string,
  github: Github,
  project: string,
  repository: RemoteRepository,
): Linked {
  const status = async () => (await callAs<Status>(page, 'GET', `/projects/${project}/status`)).body
  const contentUrl = (path: string) => `/api/v1/projects/${project}/content/${path}`
  const commit = async () => {
    const { body } = await callAs<{ oid: string } | null>(page, 'POST', `/projects/${project}/snapshots`, {})
    return body?.oid ?? null
  }
  return {
    page,
    project,
    repository,
    status,
    commit,
    untilPushed: () =>
      expect
        .poll(
          async () => {
            const { head, github: link } = await status()
            const there = await headOf(github, repository)
            return { state: link.state, waiting: link.waitingCommits, isSame: head !== null && head.oid === there }
          },
          { timeout: roundMs },
        )
        .toEqual({ state: 'pushed', waiting: 0, isSame: true }),
    async write(path, text) {
      const status = await page.evaluate(
        async ([address = '', body = '']) => {
          const read = await fetch(address)
          const etag = read.ok ? read.headers.get('etag') : null
          const headers = { 'content-type': 'application/json', ...(etag === null ? {} : { 'if-match': etag }) }
          return (await fetch(address, { method: 'PUT', headers, body })).status
        },
        [contentUrl(path), JSON.stringify({ text })],
      )
      expect([200, 201]).toContain(status)
      await commit()
    },
    read: (path) =>
      page.evaluate(
        async (address) => ((await (await fetch(address)).json()) as { text: string }).text,
        contentUrl(path),
      ),
    remoteText: (path) => github.git(repository.id, 'show', `HEAD:${path}`).catch(() => null),
    async openInEditor(path) {
      await page.goto(`${url}/p/${project}/f/${path}`)
      await expect(page.locator('.cm-content').first()).toBeVisible()
    },
  }
}

/** The same text, whatever stands at its ends: Git's output comes without the last line break. */
export const trimmed = (text: string | null): string => (text ?? '').trim()
