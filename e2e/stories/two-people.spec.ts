/** The main job: two people in one file at once, and the result is a commit in a clone. */
import { callAs, makeToken, projectIdOf } from '../world/api.ts'
import { git, inFolder, withToken } from '../world/clone.ts'
import { editor, facts, fillSignUp, saved, signUp, textOf, treeItem, untilSaved } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'

const letters = (text: string): string => [...text].sort().join('')

test('a second person comes by invitation, both type into one line, nothing is lost, and Git has it', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  await signUp(ana, skein.url)
  const project = projectIdOf(ana.page)

  await ana.page.getByRole('button', { name: 'Share' }).click()
  await ana.page.getByRole('button', { name: 'Create link' }).click()
  const link = await ana.page.getByLabel('Invitation link').inputValue()
  await ana.page.keyboard.press('Escape')

  const ben = await meet('Ben')
  await ben.page.goto(link)
  await expect(ben.page.getByText('Ana')).toBeVisible()
  await fillSignUp(ben)
  await expect(editor(ben.page)).toBeVisible()
  expect(projectIdOf(ben.page)).toBe(project)

  // One line, typed into at the same moment.
  await ana.page.keyboard.press('Escape')
  const before = await textOf(ana.page)
  for (const { page } of [ana, ben]) {
    await editor(page).click()
    await page.keyboard.press('ControlOrMeta+End')
  }
  await Promise.all([
    ana.page.keyboard.type('low tide at dawn. '.repeat(4), { delay: 8 }),
    ben.page.keyboard.type('eleven geese over. '.repeat(4), { delay: 8 }),
  ])
  const typed = 'low tide at dawn. '.repeat(4) + 'eleven geese over. '.repeat(4)
  await expect.poll(async () => (await textOf(ana.page)).length).toBe(before.length + typed.length)
  await expect.poll(async () => (await textOf(ben.page)) === (await textOf(ana.page))).toBe(true)
  expect(letters(await textOf(ana.page))).toBe(letters(before + typed))
  await expect(ben.page.locator('.cm-content')).toContainText('low tide')
  await untilSaved(ana.page)
  await untilSaved(ben.page)

  // A rename by one is seen by the other.
  await treeItem(ana.page, 'weather.md').click()
  await treeItem(ana.page, 'weather.md').press('F2')
  await ana.page.keyboard.press('ControlOrMeta+a')
  await ana.page.keyboard.type('tides.md')
  await ana.page.keyboard.press('Enter')
  await expect(treeItem(ben.page, 'tides.md')).toBeVisible()
  await expect(treeItem(ben.page, 'weather.md')).toHaveCount(0)

  // A reload, a kill and a restart keep all of it.
  const text = await textOf(ben.page)
  await ben.page.reload()
  await expect.poll(() => textOf(ben.page).catch(() => '')).toBe(text)
  await skein.restart('SIGKILL')
  await expect(saved(ben.page)).toBeVisible({ timeout: 30_000 })
  await ben.page.reload()
  await expect.poll(() => textOf(ben.page).catch(() => '')).toBe(text)
  await skein.restart('SIGTERM')
  await expect(saved(ben.page)).toBeVisible({ timeout: 30_000 })

  // The commit appears, and a clone has it, with both as authors.
  await expect(facts(ben.page)).toContainText(/Committed [0-9a-f]{7}/, { timeout: 30_000 })
  const token = await makeToken(ben.page)
  const { body } = await callAs<{ cloneUrl: string; lastCommit: { oid: string } }>(
    ben.page,
    'GET',
    `/projects/${project}`,
  )
  await inFolder(async (folder) => {
    await git(folder, 'clone', '--quiet', withToken(body.cloneUrl, token), 'clone')
    expect(await git(`${folder}/clone`, 'rev-parse', 'HEAD')).toBe(body.lastCommit.oid)
    expect(await git(`${folder}/clone`, 'show', 'HEAD:welcome.md')).toBe(text.trimEnd())
    expect(await git(`${folder}/clone`, 'log', '--format=%an %(trailers)')).toMatch(/Ana[\s\S]*Ben|Ben[\s\S]*Ana/)
    expect(await git(`${folder}/clone`, 'fsck', '--strict')).toBe('')
  })
})
