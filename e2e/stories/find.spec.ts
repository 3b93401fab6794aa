/** Find in all files, by keyboard: what is live, what was just typed, how one gets there, and what is said when nothing is found. */
import type { Page } from '@playwright/test'
import { callAs, projectIdOf } from '../world/api.ts'
import { look } from '../world/look.ts'
import { editor, signUp, untilSaved } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'

const FILES: Record<string, string> = {
  'notes/estuary.md': '# The estuary\n\nLow tide at 06:40.\nThe first skeins of pink-footed geese came in at dawn.\n',
  'notes/geese.md': `# Geese\n\n${'Nothing on this line.\n'.repeat(60)}A skein is a flock of geese in flight, not on the ground.\n`,
  'data/sightings.csv': 'species,out,back\npink-footed geese,212,198\nbarnacle geese,11,11\n',
  'site/map.ts': "export const geese = ['pink-footed', 'barnacle']\n",
}

const field = (page: Page) => page.getByRole('combobox', { name: 'Find in all files' })
const options = (page: Page) => page.getByRole('option')

test('somebody finds what stands in other files, and what was typed a moment ago', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  const { page } = ana
  await signUp(ana, skein.url)
  const project = projectIdOf(page)
  for (const [path, content] of Object.entries(FILES)) {
    expect(await callAs(page, 'POST', `/projects/${project}/files`, { path, content })).toMatchObject({ status: 201 })
  }
  await page.goto(`${skein.url}/p/${project}/f/notes/estuary.md`)
  await expect(editor(page)).toContainText('Low tide')
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.type('Brent geese, just typed. ')
  await untilSaved(page)

  await page.keyboard.press('ControlOrMeta+Shift+F')
  await expect(field(page)).toBeFocused()
  await look(page, 'find-empty')
  await page.keyboard.type('GEESE')
  await expect(page.getByRole('status').filter({ hasText: '7 matches in 4 files' })).toBeVisible()
  await expect(
    page
      .getByRole('group', { name: /estuary.md/ })
      .getByRole('option')
      .first(),
  ).toContainText('Brent geese')
  await look(page, 'find')

  // Another way to compare, and fewer files.
  await page.getByRole('button', { name: 'Expression' }).click()
  await field(page).fill('(pink|barn)\\S+ geese')
  await page.getByRole('button', { name: 'Files' }).click()
  await page.getByLabel('Not in').fill('notes/')
  await expect(options(page)).toHaveText([/pink-footed geese/, /barnacle geese/])
  await look(page, 'find-options')
  await field(page).fill('(pink')
  await expect(page.getByRole('alert')).toContainText('The expression cannot be read: missing closing )')
  await look(page, 'find-fault')
  await field(page).fill('no such bird')
  await expect(page.getByText(/“no such bird” is not in any of \d+ text files/)).toBeVisible()
  await look(page, 'find-nothing')

  // To a line far down in a file that is not open, by arrows and Enter.
  await page.getByLabel('Not in').fill('')
  await page.getByRole('button', { name: 'Expression' }).click()
  await field(page).fill('flock of')
  await expect(options(page)).toHaveCount(1)
  await field(page).press('Enter')
  await expect(page).toHaveURL(/notes\/geese\.md/)
  await expect(editor(page).getByText('A skein is a')).toBeInViewport()
  await expect.poll(() => page.evaluate(() => getSelection()?.toString())).toBe('flock of')
  await expect(editor(page)).toBeFocused()

  // A selection is what one looks for next; arrows go round.
  await page.keyboard.press('ControlOrMeta+Shift+F')
  await expect(field(page)).toHaveValue('flock of')
  await field(page).fill('skein')
  await expect(options(page)).toHaveCount(2)
  await field(page).press('ArrowUp')
  await expect(options(page).last()).toHaveAttribute('aria-selected', 'true')
  await field(page).press('ArrowDown')
  await expect(options(page).first()).toHaveAttribute('aria-selected', 'true')
  await options(page).first().click()
  await expect(page).toHaveURL(/notes\/estuary\.md/)

  // From the palette, by its sign and by what was typed there.
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('barnacle')
  await page.getByRole('option', { name: /Find “barnacle” in all files/ }).click()
  await expect(options(page)).toHaveCount(2)
  await page.keyboard.press('Escape')
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('#')
  await expect(field(page)).toBeFocused()
})
