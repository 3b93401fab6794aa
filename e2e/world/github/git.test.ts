import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { everyPermission, type Visitor, visitGithub } from './visitor.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let visitor: Visitor
beforeAll(async () => {
  visitor = await visitGithub()
})
afterAll(() => visitor.end())

describe('Git at the door', () => {
  test('a token that may only read fetches, and HEAD names the default branch', async () => {
    const place = await visitor.makePlace({ defaultBranch: 'trunk' })
    const token = await visitor.mintToken(place, { contents: 'read' })
    const directory = await visitor.clone(place, token)
    expect(await visitor.git(directory, 'symbolic-ref', '--short', 'HEAD')).toBe('trunk')
    expect(await visitor.git(directory, 'ls-remote', '--symref', 'origin', 'HEAD')).toContain('ref: refs/heads/trunk')
    const { text } = await visitor.gitDoor(place, token, 'git-upload-pack')
    expect(text).toContain('symref=HEAD:refs/heads/trunk')
  })

  test('an empty repository is cloned, and pushed to', async () => {
    const place = await visitor.makePlace({ files: undefined })
    await visitor.github.git(place.repositoryId, 'update-ref', '-d', 'refs/heads/main')
    const token = await visitor.mintToken(place)
    const seen = await visitor.push(place, token, { path: 'a.txt', text: 'a' })
    expect(seen.text).toContain('[new branch]')
    expect(await visitor.github.readRef(place.repositoryId, 'refs/heads/main')).not.toBeNull()
  })

  test('a push with a narrowed token arrives and is written down', async () => {
    const place = await visitor.makePlace()
    const seen = await visitor.push(place, await visitor.mintToken(place), { path: 'b.txt', text: 'b' })
    expect(seen.text).not.toContain('remote:')
    expect(await visitor.github.readPushes(place.repositoryId)).toMatchObject([
      { ref: 'refs/heads/main', forced: false, installationId: place.installationId },
    ])
  })

  test('a workflow is taken from a token that may write workflows', async () => {
    const place = await visitor.makePlace({}, everyPermission)
    const token = await visitor.mintToken(place, { contents: 'write', workflows: 'write' })
    const seen = await visitor.push(place, token, { path: '.github/workflows/ci.yml', text: 'on: push' })
    expect(seen.text).not.toContain('rejected')
  })

  test('a renamed repository redirects both services, with the rights of the token checked first', async () => {
    const place = await visitor.makePlace()
    const token = await visitor.mintToken(place)
    await visitor.github.changeRepository(place.repositoryId, { name: 'renamed' })
    for (const service of ['git-upload-pack', 'git-receive-pack']) {
      const seen = await visitor.gitDoor(place, token, service)
      expect([seen.status, seen.headers?.get('location')]).toEqual([
        301,
        `${visitor.github.gitUrl}/acme/renamed.git/info/refs?service=${service}`,
      ])
    }
    expect((await visitor.gitDoor(place, null, 'git-upload-pack')).status).toBe(401)
  })

  test('a large file is taken with a warning', async () => {
    const place = await visitor.makePlace()
    await visitor.github.setLimits({ fileBytesGood: 1000 })
    const text = 'x'.repeat(2000)
    const seen = await visitor.push(place, await visitor.mintToken(place), { path: 'big.bin', text })
    await visitor.github.setLimits({ fileBytesGood: 50 * 1_048_576 })
    expect(seen.text).toContain('warning: GH001: Large files detected.')
    expect(seen.text).toContain('File big.bin is 0.00 MB; this is larger than')
    expect(seen.text).toContain('main')
  })
})

describe('rules', () => {
  const rules = {
    pull_request: 'Changes must be made through a pull request.',
    required_signatures: 'Commits must have verified signatures.',
    merge_queue: 'Changes must be made through the merge queue',
    update: 'Cannot update this protected ref.',
  } as const
  for (const [type, sentence] of Object.entries(rules))
    test(type, async () => {
      const place = await visitor.makePlace({ rules: { main: [{ type }] } })
      const seen = await visitor.push(place, await visitor.mintToken(place), { path: 'b.txt', text: 'b' })
      expect(seen.text).toContain('GH013: Repository rule violations found for refs/heads/main.')
      expect(seen.text).toContain(`- ${sentence}`)
    })

  test('required checks, paths and sizes are judged by what they name', async () => {
    const checks = { type: 'required_status_checks', parameters: { required_status_checks: [{ context: 'ci' }] } }
    const paths = { type: 'file_path_restriction', parameters: { restricted_file_paths: ['secret/**'] } }
    const sizes = { type: 'max_file_size', parameters: { max_file_size: 0.001 } }
    const push = async (rule: unknown, path: string, text: string) => {
      const place = await visitor.makePlace({ rules: { main: [rule] } })
      return (await visitor.push(place, await visitor.mintToken(place), { path, text })).text
    }
    expect(await push(checks, 'b.txt', 'b')).toContain('Required status check "ci" is expected.')
    expect(await push(paths, 'secret/deep/b.txt', 'b')).toContain('File path restrictions violated: secret/deep/b.txt')
    expect(await push(paths, 'public/b.txt', 'b')).not.toContain('GH013')
    expect(await push(sizes, 'b.txt', 'b'.repeat(3000))).toContain('exceeds the maximum file size')
  })

  test('the branch says that it is protected, and the rules are listed also for a branch that is not there', async () => {
    const place = await visitor.makePlace({
      protectedBranches: { main: ['Required status check "ci" is expected.'] },
      rules: { later: [{ type: 'pull_request', parameters: {} }] },
    })
    const token = await visitor.mintToken(place)
    const branch = JSON.parse((await visitor.api('GET', `/repos/${place.name}/branches/main`, token)).text)
    expect(branch).toMatchObject({
      name: 'main',
      protected: true,
      protection: { required_status_checks: { contexts: ['ci'] } },
    })
    const listed = await visitor.api('GET', `/repos/${place.name}/rules/branches/later`, token)
    expect(JSON.parse(listed.text)).toMatchObject([{ type: 'pull_request', ruleset_source: place.name }])
  })
})
