/** Two-way sync as people see it: what others commit on GitHub arrives while they type, and what they type arrives there once and in order. */
import { appendFile, writeFile } from 'node:fs/promises'
import { callAs, makeToken, projectIdOf } from '../world/api.ts'
import { git, inFolder, withToken } from '../world/clone.ts'
import { headOf } from '../world/github-repository.ts'
import { roundMs, startLinked, trimmed } from '../world/linked.ts'
import { editor, facts, signUp, textOf, untilSaved } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'

const isInOrder = (characters: string, text: string): boolean => {
  let at = 0
  for (const character of text) if (character === characters[at]) at += 1
  return at === characters.length
}

test.afterEach(async ({ github }) => {
  await github.setOutage(null)
  await github.setClock(0)
  await github.setHookWeather()
})

test('a commit on GitHub arrives in the open file while somebody types in it, and no character is lost', async ({
  skein,
  github,
  meet,
}) => {
  const linked = await startLinked(await meet('Ana'), skein.url, github, 'arrives', 'direct_commit')
  const { page, repository } = linked
  const lines = ['# Field notes', '', 'Herons: none yet.', '', 'Ana counts here: ', '', 'Weather: calm.', '']
  await linked.write('count.md', lines.join('\n'))
  await linked.untilPushed()
  await linked.openInEditor('count.md')
  await untilSaved(page)
  await page.getByText('Ana counts here').click()
  await page.keyboard.press('End')

  const typed = 'one two three four five six seven eight nine ten eleven twelve '.repeat(3)
  const typing = page.keyboard.type(typed, { delay: 25 })
  await expect.poll(() => textOf(page)).toContain('one two')
  const theirs = lines.map((line) => line.replace('none yet', 'three on the north bank')).join('\n')
  await github.commit(repository.id, { files: [{ path: 'count.md', content: theirs }], message: 'Herons' })
  const sentAt = Date.now()
  await expect.poll(() => textOf(page), { intervals: [20], timeout: roundMs }).toContain('three on the north bank')
  console.log(`from the commit on GitHub to the screen: ${Date.now() - sentAt} ms`)
  await typing
  expect(await textOf(page)).toContain(`Ana counts here: ${typed}`)
  expect((await textOf(page)).split('three on the north bank')).toHaveLength(2)
  await linked.commit()
  await linked.untilPushed()
  expect(trimmed(await linked.remoteText('count.md'))).toBe((await textOf(page)).trim())
})

test('a commit in the middle of the very line that somebody types comes as a thing to decide, and no character is lost', async ({
  skein,
  github,
  meet,
}) => {
  const linked = await startLinked(await meet('Ana'), skein.url, github, 'same-line', 'direct_commit')
  const { page, repository } = linked
  await linked.write('count.md', '# Count\n\nTwelve nests on the island.\n\nEnd.\n')
  await linked.untilPushed()
  await linked.openInEditor('count.md')
  await untilSaved(page)
  await page.getByText('Twelve nests').click()
  await page.keyboard.press('End')
  const typed = ' We went back at dusk and counted them again from the sluice, all of us, twice.'
  const typing = page.keyboard.type(typed, { delay: 40 })
  await expect.poll(() => textOf(page)).toContain('island. We went')
  const content = '# Count\n\nTwelve nests on the north island.\n\nEnd.\n'
  await github.commit(repository.id, { files: [{ path: 'count.md', content }], message: 'North' })
  const sentAt = Date.now()
  const arrival = async () => {
    const [text, { github: link }] = await Promise.all([textOf(page), linked.status()])
    return text.includes('north') || link.openConflicts > 0
  }
  await expect.poll(arrival, { intervals: [20], timeout: roundMs }).toBe(true)
  console.log(`from the commit on GitHub to the line that is typed: ${Date.now() - sentAt} ms`)
  await typing
  const text = await textOf(page)
  expect(isInOrder(`Twelve nests on the island.${typed}`, text)).toBe(true)
  expect(text.match(/Twelve nests/g)).toHaveLength(1)
  const { github: link } = await linked.status()
  if (link.openConflicts === 0) expect(text).toContain('north')
  else await expect(facts(page)).toContainText(/1 line to review/)
})

test('work leaves by one pull request that names its authors, is squashed while people type, and starts again', async ({
  skein,
  github,
  meet,
}) => {
  const linked = await startLinked(await meet('Ana'), skein.url, github, 'squashed', 'direct_commit')
  const { page, project, repository } = linked
  const change = await callAs(page, 'PATCH', `/projects/${project}/github`, { mode: 'protected_pr' })
  expect(change.status).toBe(200)
  await linked.write('nests.md', 'Fourteen nests.\n')
  const opened = () => github.readPulls(repository.id)
  await expect.poll(async () => (await opened()).length, { timeout: roundMs }).toBe(1)
  const [first] = await opened()
  expect(first).toMatchObject({ state: 'open', base: { ref: 'main' } })
  expect(first?.body).toContain('Ana')
  expect(first?.body).toContain('nests.md')
  await page.goto(`${skein.url}/p/${project}/sync`)
  await expect(page.getByRole('link', { name: `1 ${first?.title}` })).toBeVisible()

  await linked.openInEditor('nests.md')
  await untilSaved(page)
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+End')
  const typed = 'Two of them empty, one of them new, and a fox on the dyke at dusk. '.repeat(4)
  const typing = page.keyboard.type(typed, { delay: 20 })
  await expect.poll(() => textOf(page)).toContain('Two of them')
  await github.mergePull(repository.id, 1, { method: 'squash', deleteHead: true })
  await typing
  await linked.commit()
  await expect
    .poll(async () => (await opened()).filter(({ state }) => state === 'open').length, { timeout: roundMs })
    .toBe(1)
  expect(await textOf(page)).toBe(`Fourteen nests.\n${typed}`)
  const second = (await opened()).find(({ state }) => state === 'open')
  // The new branch holds what came after, on top of what was merged.
  await expect
    .poll(
      async () => trimmed(await github.git(repository.id, 'show', `${(await opened()).at(-1)?.head.ref}:nests.md`)),
      {
        timeout: roundMs,
      },
    )
    .toBe(`Fourteen nests.\n${typed}`.trim())
  const base = (await headOf(github, repository)) ?? ''
  expect(await github.git(repository.id, 'merge-base', base, second?.head.ref ?? '')).toBe(base)
})

test('protection that is switched on mid-way turns the push into a pull request, and says why', async ({
  skein,
  github,
  meet,
}) => {
  const linked = await startLinked(await meet('Ana'), skein.url, github, 'protected', 'hybrid')
  const { page, project, repository } = linked
  const before = await headOf(github, repository)
  await github.changeRepository(repository.id, {
    protectedBranches: { main: ['Changes must be made through a pull request.'] },
  })
  await linked.write('late.md', 'After the lock.\n')
  await expect.poll(async () => (await github.readPulls(repository.id)).length, { timeout: roundMs }).toBe(1)
  expect(await headOf(github, repository)).toBe(before)
  await page.goto(`${skein.url}/p/${project}/sync`)
  await expect(page.getByRole('heading', { name: 'Pull request' })).toBeVisible()
  await expect(page.getByText(/protected/i).first()).toBeVisible()
})

test('after a week without GitHub everything arrives once and in order', async ({ skein, github, meet }) => {
  const linked = await startLinked(await meet('Ana'), skein.url, github, 'week', 'direct_commit')
  const { page, repository } = linked
  const before = (await headOf(github, repository)) ?? ''
  await github.setOutage({ status: 503 })
  const oids: string[] = []
  for (let day = 1; day <= 7; day += 1) {
    for (const time of ['dawn', 'dusk']) {
      await linked.write(`day-${day}.md`, `Day ${day}, ${time}: ${day} herons.\n`)
      oids.push((await linked.status()).head?.oid ?? '')
    }
  }
  expect(new Set(oids).size).toBe(14)
  await expect(facts(page)).toContainText(/GitHub (is )?away|waiting/, { timeout: roundMs })
  // The clock of GitHub moves on: tokens from before the week are long over.
  await github.expireTokens()
  const theirs = await github.commit(repository.id, { files: [{ path: 'theirs.md', content: 'meanwhile\n' }] })
  await github.setOutage(null)
  await callAs(page, 'POST', `/projects/${linked.project}/github/sync`, {})
  await linked.untilPushed()

  const history = (await github.git(repository.id, 'rev-list', '--first-parent', '--reverse', `${before}..HEAD`)).split(
    '\n',
  )
  expect(history.slice(0, oids.length)).toEqual(oids)
  const all = (await github.git(repository.id, 'rev-list', `${before}..HEAD`)).split('\n')
  expect(all).toContain(theirs)
  expect(new Set(all).size).toBe(all.length)
  expect((await github.readPushes(repository.id)).filter(({ forced }) => forced)).toEqual([])
  expect(await linked.read('theirs.md')).toBe('meanwhile\n')
  expect(trimmed(await linked.remoteText('day-7.md'))).toBe('Day 7, dusk: 7 herons.')
})

test('a force-push on GitHub is followed, what people typed stays, and the page tells of it', async ({
  skein,
  github,
  meet,
}) => {
  const linked = await startLinked(await meet('Ana'), skein.url, github, 'forced', 'direct_commit')
  const { page, project, repository } = linked
  await linked.write('notes.md', 'Line one.\n\nLine two.\n')
  await linked.untilPushed()
  const old = (await headOf(github, repository)) ?? ''
  await linked.openInEditor('notes.md')
  await untilSaved(page)
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+End')
  const typed = 'Typed while history was rewritten.'
  const typing = page.keyboard.type(typed, { delay: 30 })
  await github.commit(repository.id, {
    amend: true,
    files: [{ path: 'added.md', content: 'amended\n' }],
    message: 'Anew',
  })
  const tip = (await headOf(github, repository)) ?? ''
  await typing
  await expect.poll(() => linked.read('added.md').catch(() => ''), { timeout: roundMs }).toBe('amended\n')
  expect(await textOf(page)).toContain(typed)
  await linked.commit()
  await linked.untilPushed()
  // What was purged does not come back.
  const all = (await github.git(repository.id, 'rev-list', 'HEAD')).split('\n')
  expect(all).toContain(tip)
  expect(all).not.toContain(old)
  expect((await github.readPushes(repository.id)).filter(({ forced }) => forced)).toEqual([])
  await page.goto(`${skein.url}/p/${project}/sync`)
  await expect(page.getByRole('list', { name: 'What happened' })).toContainText(/rewritten|force/i)
})

test('git push to Skein is merged into the open file, and one that is behind is refused', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  const { page } = ana
  await signUp(ana, skein.url)
  await page.keyboard.press('Escape')
  await untilSaved(page)
  const project = projectIdOf(page)
  await callAs(page, 'POST', `/projects/${project}/snapshots`, {})
  const { body } = await callAs<{ cloneUrl: string }>(page, 'GET', `/projects/${project}`)
  const token = await makeToken(page)
  await inFolder(async (folder) => {
    await git(folder, 'clone', '-q', withToken(body.cloneUrl, token), 'one')
    await git(folder, 'clone', '-q', withToken(body.cloneUrl, token), 'two')
    await appendFile(`${folder}/one/welcome.md`, '\nPushed from a clone.\n')
    await git(`${folder}/one`, 'commit', '-qam', 'From a clone')
    await editor(page).click()
    await page.keyboard.press('ControlOrMeta+Home')
    const typing = page.keyboard.type('Typed meanwhile. ', { delay: 20 })
    await git(`${folder}/one`, 'push', '-q', 'origin', 'HEAD')
    await typing
    await expect.poll(() => textOf(page)).toContain('Pushed from a clone.')
    expect(await textOf(page)).toContain('Typed meanwhile. ')
    const oid = await git(`${folder}/one`, 'rev-parse', 'HEAD')
    await git(`${folder}/one`, 'fetch', '-q')
    expect(await git(`${folder}/one`, 'merge-base', oid, 'origin/HEAD')).toBe(oid)

    await writeFile(`${folder}/two/behind.md`, 'behind\n')
    await git(`${folder}/two`, 'add', '-A')
    await git(`${folder}/two`, 'commit', '-qm', 'Behind')
    await expect(git(`${folder}/two`, 'push', '-q', 'origin', 'HEAD')).rejects.toThrow(/fetch first|non-fast-forward/)
    await expect(git(`${folder}/two`, 'push', '-q', '--force', 'origin', 'HEAD')).rejects.toThrow(/rejected|declined/)
    expect(await textOf(page)).toContain('Pushed from a clone.')
  })
})
