/** Bad input in the browser: each gets a sentence that a person understands, and nothing is lost by it. */
import { callAs, projectIdOf } from '../world/api.ts'
import { editor, fillSignUp, signIn, signUp, treeItem } from '../world/people.ts'
import { expect, test } from '../world/skein.ts'

test('a wrong password and a taken e-mail are said in words', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  await signUp(ana, skein.url)

  const somebody = await meet('Ben')
  await signIn({ ...somebody, email: ana.email }, skein.url, 'not the password at all')
  await expect(somebody.page.locator('.notice-bad')).toContainText(/e-mail or the password/i)
  await somebody.page.goto(skein.url)
  await fillSignUp({ ...somebody, email: ana.email })
  await expect(somebody.page.locator('.fault')).toContainText(/already/i)
  await somebody.page.getByLabel('Password', { exact: true }).fill('short')
  await somebody.page.getByRole('button', { name: 'Create account' }).click()
  await expect(somebody.page.getByText(/12 characters/).first()).toBeVisible()
})

test('paths that cannot be are refused where they are typed', async ({ skein, meet }) => {
  const ana = await meet('Ana')
  const { page } = ana
  await signUp(ana, skein.url)
  for (const [path, sentence] of [
    ['../outside.md', /\.\./],
    ['.git/config', /\.git/],
    ['WELCOME.md', /welcome\.md/],
    [`${'long'.repeat(70)}.md`, /255/],
  ] as const) {
    await page.getByRole('button', { name: 'New file' }).first().click()
    await page.keyboard.type(path)
    await page.keyboard.press('Enter')
    await expect(page.getByText(sentence).last()).toBeVisible()
    await page.keyboard.press('Escape')
  }
  await expect(treeItem(page, 'welcome.md')).toHaveCount(1)
  await expect(editor(page)).toBeVisible()
})

test('every refusal of the API has a code, a message and, where something can be done, a hint', async ({
  skein,
  meet,
}) => {
  const ana = await meet('Ana')
  const { page } = ana
  await signUp(ana, skein.url)
  const project = projectIdOf(page)
  const { body: me } = await callAs<{ workspaces: { id: string }[] }>(page, 'GET', '/me')
  const workspace = me.workspaces[0]?.id
  const refusals: [string, string, unknown, number, string][] = [
    ['POST', `/projects/${project}/files`, { path: 'a/../b.md' }, 400, 'invalid-path'],
    ['POST', `/projects/${project}/files`, { path: 'Welcome.MD' }, 409, 'path-twin'],
    ['POST', `/projects/${project}/files`, { path: 'welcome.md/inside.md' }, 409, 'path-is-folder'],
    [
      'POST',
      `/projects/${project}/files`,
      { path: 'big.md', content: 'x'.repeat(4 * 1024 * 1024 + 1) },
      413,
      'file-too-large',
    ],
    ['POST', `/workspaces/${workspace}/projects`, { gitUrl: 'file:///etc' }, 400, 'invalid-url'],
    ['POST', `/workspaces/${workspace}/projects`, { gitUrl: 'https://127.0.0.1/x.git' }, 400, 'invalid-url'],
    ['POST', `/projects/${project}/github/link`, { installationId: 1, repositoryId: 1 }, 502, 'github-refused'],
    ['GET', `/projects/00000000-0000-7000-8000-000000000000`, undefined, 404, 'not-found'],
  ]
  for (const [method, path, body, status, code] of refusals) {
    const answer = await callAs<{ error?: { code: string; message: string } }>(page, method, path, body)
    expect(`${method} ${path} ${answer.status} ${answer.body?.error?.code}`).toBe(`${method} ${path} ${status} ${code}`)
    expect(answer.body?.error?.message).toMatch(/\w+ .*[.!]$/)
  }
})
