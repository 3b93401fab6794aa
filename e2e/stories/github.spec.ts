/** A project linked to GitHub: the commit arrives there with the same oid, outages are waited out, and somebody else's work stops the push. */
import { callAs, projectIdOf } from '../world/api.ts'
import { createRepository, headOf } from '../world/github-repository.ts'
import { editor, facts, signUp } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'

test('what is committed is pushed with the same oid, through an outage, and never over other work', async ({
  skein,
  github,
  meet,
}) => {
  const repository = await createRepository(github, 'field-notes')
  const ana = await meet('Ana')
  const { page } = ana
  await signUp(ana, skein.url)
  const project = projectIdOf(page)
  const file = page.url()

  await page.goto(`${skein.url}/p/${project}/settings`)
  await page.getByLabel('Installation').fill(String(repository.installationId))
  await page.getByLabel('Repository', { exact: false }).first().fill(String(repository.id))
  await page.getByRole('button', { name: /^Link/ }).click()
  await expect(page.getByText(repository.fullName).first()).toBeVisible()

  await page.goto(file)
  await editor(page).click()
  await page.keyboard.type('Geese at dawn. ')
  await expect(facts(page)).toContainText('Pushed', { timeout: 30_000 })
  const ours = async () => {
    const { body } = await callAs<{ head: { oid: string } | null }>(page, 'GET', `/projects/${project}/status`)
    return body.head?.oid ?? null
  }
  await expect.poll(async () => (await ours()) === (await headOf(github, repository))).toBe(true)
  expect(await ours()).not.toBeNull()

  await github.control('PUT', 'outage', { outage: { status: 503 } })
  await page.keyboard.type('And at dusk. ')
  await expect(facts(page)).toContainText(/GitHub away|waiting/, { timeout: 30_000 })
  await github.control('PUT', 'outage', { outage: null })
  await expect.poll(async () => (await ours()) === (await headOf(github, repository)), { timeout: 60_000 }).toBe(true)
  await expect(facts(page)).toContainText('Pushed', { timeout: 30_000 })

  const theirs = await github.control<{ oid: string }>('POST', `repositories/${repository.id}/commits`, {
    files: [{ path: 'theirs.md', content: 'written on GitHub\n' }],
  })
  await page.keyboard.type('Later. ')
  await expect(facts(page)).not.toContainText('Pushed', { timeout: 30_000 })
  await expect
    .poll(
      async () =>
        (await callAs<{ github: { state: string } }>(page, 'GET', `/projects/${project}/status`)).body.github.state,
      {
        timeout: 30_000,
      },
    )
    .toBe('held')
  expect(await headOf(github, repository)).toBe(theirs.oid)
})
