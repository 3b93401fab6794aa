/** Lines that changed here and on GitHub: they are told, decided in the live file in every way, and then everything goes out. */
import type { Page } from '@playwright/test'
import { callAs } from '../world/api.ts'
import { headOf } from '../world/github-repository.ts'
import { roundMs, startLinked, trimmed } from '../world/linked.ts'
import { look } from '../world/look.ts'
import { editor, facts, textOf } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'

const base = ['# Roost', '', 'Herons: two.', '', 'Egrets: four.', '', 'Geese: nine.', '', 'Terns: one.', ''].join('\n')
const ours = base
  .replace('two', 'three from the hide')
  .replace('four', 'five from the hide')
  .replace('nine', 'ten from the hide')
  .replace('one', 'none from the hide')
const theirs = base
  .replace('two', 'three from the sluice')
  .replace('four', 'six from the sluice')
  .replace('nine', 'eleven from the sluice')
  .replace('one', 'seven from the sluice')

test.use({ actionTimeout: 30_000 })

/** Puts one side's version into the file, and waits until it is there. */
async function take(page: Page, side: 'Here' | 'GitHub'): Promise<void> {
  const version = page.getByRole('region', { name: side })
  await version.getByRole('button', { name: /^Use this/ }).click()
  await expect(version.getByText('In the file')).toBeVisible()
}

test('lines that changed twice are reviewed: ours, theirs, both, and edited by hand', async ({
  skein,
  github,
  meet,
}) => {
  // Pictures of two pages in both schemes and widths are part of it.
  test.setTimeout(300_000)
  const linked = await startLinked(await meet('Ana'), skein.url, github, 'reviewed', 'direct_commit')
  const { page, project, repository } = linked
  await linked.write('roost.md', base)
  await linked.untilPushed()
  // What is typed while GitHub is away meets what is committed there.
  await github.setOutage({ status: 503 })
  await linked.write('roost.md', ours)
  const files = [{ path: 'roost.md', content: theirs }]
  const tip = await github.commit(repository.id, { files, author: { name: 'Mei', email: 'mei@example.org' } })
  await github.setOutage(null)
  await callAs(page, 'POST', `/projects/${project}/github/sync`, {})
  await expect.poll(async () => (await linked.status()).github.openConflicts, { timeout: roundMs }).toBe(4)
  expect(await linked.read('roost.md')).toBe(ours)
  expect(await headOf(github, repository)).toBe(tip)

  await page.goto(`${skein.url}/p/${project}/sync`)
  await expect(page.getByText('4 lines changed both here and on GitHub.')).toBeVisible()
  await expect(facts(page)).toContainText('4 lines to review before pushing')
  await look(page, 'sync-review')
  await page.getByRole('link', { name: 'Review 4 lines' }).click()
  await expect(page.getByRole('heading', { name: 'Review before pushing' })).toBeVisible()
  const left = (words: string) => expect(page.getByText(words, { exact: true })).toBeVisible()
  await left('1 of 4')
  await expect(page.getByRole('region', { name: 'Before' })).toContainText('Herons: two.')
  await expect(page.getByRole('region', { name: 'Here' })).toContainText('Herons: three from the hide.')
  await expect(page.getByRole('region', { name: 'GitHub' })).toContainText('Herons: three from the sluice.')
  await expect(page.getByRole('region', { name: 'GitHub' })).toContainText('Mei')
  await expect(editor(page)).toContainText('Terns')
  await look(page, 'review')

  const done = page.getByRole('button', { name: /^Done with (this line|these lines)/ })
  await take(page, 'Here')
  await done.click()

  await left('1 of 3')
  await take(page, 'GitHub')
  await expect.poll(() => textOf(page)).toContain('Egrets: six from the sluice.')
  await done.click()

  await left('1 of 2')
  await page.getByRole('button', { name: /^Use both/ }).click()
  await expect.poll(() => textOf(page)).toContain('Geese: eleven from the sluice.')
  expect(await textOf(page)).toContain('Geese: ten from the hide.')
  await done.click()

  await left('1 of 1')
  await editor(page).getByText('Terns: none').click()
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+End')
  await page.keyboard.insertText('Terns: eight, agreed.')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByText('Nothing left to review')).toBeVisible()

  await linked.commit()
  await linked.untilPushed()
  const text = await linked.read('roost.md')
  expect(text.split('\n').filter((line) => line !== '')).toEqual([
    '# Roost',
    'Herons: three from the hide.',
    'Egrets: six from the sluice.',
    'Geese: ten from the hide.',
    'Geese: eleven from the sluice.',
    'Terns: eight, agreed.',
  ])
  expect(trimmed(await linked.remoteText('roost.md'))).toBe(text.trim())
  // Nothing ever left that would have taken back what was decided.
  const pushes = (await github.readPushes(repository.id)).filter(({ before }) => before !== '0'.repeat(40))
  for (const { after } of pushes.slice(pushes.findIndex(({ before }) => before === tip)))
    expect(await github.git(repository.id, 'show', `${after}:roost.md`)).toContain('Egrets: six from the sluice.')
  // Both histories are in it.
  expect(await github.git(repository.id, 'merge-base', tip, 'HEAD')).toBe(tip)
})

test('two people decide at once: what one decided is told to the other', async ({ skein, github, meet }) => {
  const ana = await meet('Ana')
  const linked = await startLinked(ana, skein.url, github, 'decided', 'direct_commit')
  const { page, project, repository } = linked
  await linked.write('roost.md', base)
  await linked.untilPushed()
  await github.setOutage({ status: 503 })
  await linked.write('roost.md', base.replace('two', 'three here'))
  await github.commit(repository.id, { files: [{ path: 'roost.md', content: base.replace('two', 'three there') }] })
  await github.setOutage(null)
  await callAs(page, 'POST', `/projects/${project}/github/sync`, {})
  await expect.poll(async () => (await linked.status()).github.openConflicts, { timeout: roundMs }).toBe(1)

  const other = await ana.context.newPage()
  for (const each of [page, other]) {
    await each.goto(`${skein.url}/p/${project}/sync/review`)
    await expect(each.getByRole('region', { name: 'GitHub' })).toContainText('three there')
  }
  await take(page, 'GitHub')
  await page.getByRole('button', { name: /^Done with this line/ }).click()
  await expect(other.getByText('You decided this line: GitHub’s version stands.')).toBeVisible()
  await expect(other.getByText(/^Nothing is left to review\. Pushing goes on/)).toBeVisible()
  await expect(other.getByRole('main').getByRole('link', { name: 'Show sync' })).toBeVisible()
  await linked.commit()
  await linked.untilPushed()
  expect(await linked.read('roost.md')).toContain('Herons: three there.')
})
