/** A linked project: its commits leave by one pull request, GitHub's absence is told and waited out, and nothing there is ever overwritten. */
import { callAs, projectIdOf } from '../world/api.ts'
import { createRepository, headOf } from '../world/github-repository.ts'
import { linkedOf, roundMs, trimmed } from '../world/linked.ts'
import { editor, facts, signUp, textOf } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'

test.afterEach(({ github }) => github.setOutage(null))

test('a project is linked in its settings, work leaves by pull request, an outage is told and waited out, and what others merge arrives', async ({
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
  const linked = linkedOf(page, skein.url, github, project, repository)

  const { body: me } = await callAs<{ workspaces: { slug: string }[] }>(page, 'GET', '/me')
  const installations = `/workspaces/${me.workspaces[0]?.slug}/github/installations`
  const { installationId } = repository
  expect(await callAs(page, 'POST', installations, { installationId })).toMatchObject({ status: 200 })
  await page.goto(`${skein.url}/p/${project}/settings`)
  await page.getByRole('option', { name: repository.fullName }).click()
  await page.getByRole('button', { name: 'Link repository' }).click()
  await expect(page.getByText(repository.fullName).first()).toBeVisible()
  // There is nothing to ask for a merge into: the first commits make the branch.
  await linked.untilPushed()
  const first = await headOf(github, repository)

  await page.goto(file)
  await editor(page).click()
  await page.keyboard.type('Geese at dawn. ')
  const pulls = () => github.readPulls(repository.id)
  await expect.poll(async () => (await pulls()).length, { timeout: roundMs }).toBe(1)
  const [pull] = await pulls()
  expect(pull).toMatchObject({ state: 'open', base: { ref: 'main', sha: first } })
  expect(pull?.body).toContain('Ana')
  const headText = async () => trimmed(await github.git(repository.id, 'show', `${pull?.head.ref}:welcome.md`))
  await expect.poll(headText, { timeout: roundMs }).toContain('Geese at dawn.')
  await expect(facts(page)).toContainText('Pushed', { timeout: roundMs })

  await github.setOutage({ status: 503 })
  await page.keyboard.type('And at dusk. ')
  await expect(facts(page)).toContainText(/GitHub (is )?away|waiting/, { timeout: roundMs })
  await github.setOutage(null)
  await expect.poll(headText, { timeout: roundMs }).toContain('And at dusk.')
  await expect(facts(page)).toContainText('Pushed', { timeout: roundMs })
  expect(await pulls()).toHaveLength(1)

  await github.mergePull(repository.id, pull?.number ?? 0)
  await github.commit(repository.id, { files: [{ path: 'theirs.md', content: 'written on GitHub\n' }] })
  await expect.poll(() => linked.read('theirs.md').catch(() => ''), { timeout: roundMs }).toBe('written on GitHub\n')
  await expect.poll(async () => (await linked.status()).github.pullRequest?.state ?? 'none').not.toBe('open')
  expect(await textOf(page)).toContain('Geese at dawn. And at dusk. ')
  expect((await github.readPushes(repository.id)).filter(({ forced }) => forced)).toEqual([])
})
