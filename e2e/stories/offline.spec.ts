/** The app without its server: it opens, shows what this device holds, keeps what is typed, and brings it back without a question. */
import { editor, facts, textOf, treeItem, untilSaved } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'
import { add, settleIn, textOnServer, untilKept, untilOpensOffline } from '../world/typing.ts'

test('a project opens without the server, with the files of this device, and what is typed arrives later', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  const page = await settleIn(ana, skein.url)
  await untilOpensOffline(page)
  await ana.context.setOffline(true)
  await page.reload()
  await expect(editor(page)).toBeVisible()
  expect(await textOf(page)).toContain('Welcome')
  await add(page, 'ten geese without a server')
  await untilKept(page)

  await test.step('a file that was never opened here says so', async () => {
    await treeItem(page, 'weather.md').click()
    await expect(page.getByRole('heading', { name: 'weather.md is not on this device' })).toBeVisible()
  })

  await test.step('another page names the projects that can be opened', async () => {
    await page.goto(skein.url)
    await expect(page.getByRole('heading', { name: 'Skein does not answer' })).toBeVisible()
    await page.getByRole('link', { name: 'Demo' }).click()
    await treeItem(page, 'welcome.md').click()
    await expect.poll(() => textOf(page).catch(() => '')).toContain('ten geese without a server')
    await untilKept(page)
  })

  await ana.context.setOffline(false)
  await untilSaved(page)
  expect(await textOnServer(page, 'welcome.md')).toContain('ten geese without a server')
  await treeItem(page, 'weather.md').click()
  await expect(editor(page)).toHaveAttribute('aria-label', 'weather.md')
  await expect(facts(page)).toContainText(/Committed|changed|Last commit/)
})
