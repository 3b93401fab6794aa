/** A project from a Git URL: progress that can be left and found again, the same commit, and what is refused is refused in words. */
import { callAs, makeToken } from '../world/api.ts'
import { git, inFolder, withToken } from '../world/clone.ts'
import { createRepository, headOf } from '../world/github-repository.ts'
import { editor, signUp, textOf, treeItem } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'

test('a repository is imported with its history, opened, and cloned back with the same oid', async ({
  skein,
  github,
  meet,
}) => {
  const repository = await createRepository(github, 'estuary', [
    { path: 'notes/tides.md', content: '# Tides\r\n\r\nlow at 06:40\r\n' },
    { path: 'README.md', content: '# Estuary\n' },
  ])
  await github.control('PATCH', `repositories/${repository.id}`, { private: false })
  const ana = await meet('Ana')
  const { page } = ana
  await signUp(ana, skein.url)
  const { body: me } = await callAs<{ workspaces: { slug: string }[] }>(page, 'GET', '/me')
  await page.goto(`${skein.url}/w/${me.workspaces[0]?.slug}`)
  await page
    .getByRole('button', { name: /New project/ })
    .first()
    .click()
  await page
    .getByRole('radio', { name: /Git URL/ })
    .or(page.getByRole('tab', { name: /Git URL/ }))
    .first()
    .click()
  await page
    .getByLabel(/Git URL/)
    .last()
    .fill(`${github.gitUrl}/${repository.fullName}.git`)
  await page
    .getByRole('button', { name: /^(Import|Create)/ })
    .last()
    .click()

  await expect(treeItem(page, 'README.md')).toBeVisible({ timeout: 30_000 })
  await treeItem(page, 'README.md').click()
  await expect(editor(page)).toContainText('Estuary')
  expect(await textOf(page)).toBe('# Estuary\n')

  const project = new URL(page.url()).pathname.split('/')[2]
  const token = await makeToken(page)
  const { body } = await callAs<{ cloneUrl: string }>(page, 'GET', `/projects/${project}`)
  const head = await headOf(github, repository)
  await inFolder(async (folder) => {
    await git(folder, 'clone', '--quiet', withToken(body.cloneUrl, token), 'clone')
    expect(await git(`${folder}/clone`, 'rev-parse', 'HEAD')).toBe(head)
  })
})
