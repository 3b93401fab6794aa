/** One provocation for every refusal at Git's door and of a push. */
import { expect } from 'vitest'
import type { Seen, Visitor } from './visitor.ts'

const emptyPack = Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex')

export function gitProvocations(visitor: Visitor): Record<string, () => Promise<Seen>> {
  const { github, mintToken, makePlace, gitDoor, push } = visitor
  return {
    'git-no-credentials': async () => gitDoor(await makePlace(), null),
    'git-bad-token': async () => {
      const place = await makePlace()
      const token = await mintToken(place)
      await github.control('PUT', 'clock', { offsetMs: 3_600_001 })
      return gitDoor(place, token)
    },
    'git-suspended': async () => {
      const place = await makePlace()
      const token = await mintToken(place)
      await github.control('PATCH', `installations/${place.installationId}`, { suspended: true })
      return gitDoor(place, token)
    },
    'git-repository-hidden': async () => gitDoor(await makePlace(), await mintToken(await makePlace())),
    'git-no-write': async () => {
      const place = await makePlace()
      return gitDoor(place, await mintToken(place, { contents: 'read' }))
    },
    'git-no-read': async () => {
      const place = await makePlace({}, { contents: 'write', issues: 'write' })
      return gitDoor(place, await mintToken(place, { issues: 'write' }), 'git-upload-pack')
    },
    'git-archived': async () => {
      const place = await makePlace({ archived: true })
      return gitDoor(place, await mintToken(place))
    },
    'git-dumb': async () => {
      const place = await makePlace()
      return gitDoor(place, await mintToken(place), '')
    },
    'git-rate': async () => {
      const place = await makePlace()
      const token = await mintToken(place)
      await github.control('PUT', 'rate-limit', { rateLimit: { kind: 'secondary', status: 429, retryAfterSeconds: 7 } })
      return gitDoor(place, token)
    },
    'push-protected': async () => {
      const place = await makePlace({ protectedBranches: { main: ['Changes must be made through a pull request.'] } })
      const seen = await push(place, await mintToken(place), { path: 'b.txt', text: 'b' })
      expect(seen.text).toContain('remote: error: GH006: Protected branch update failed for refs/heads/main.')
      return seen
    },
    'push-rules': async () => {
      const place = await makePlace({ rules: { main: ['Commits must have verified signatures.'] } })
      const seen = await push(place, await mintToken(place), { path: 'b.txt', text: 'b' })
      expect(seen.text).toContain('GH013')
      return seen
    },
    'push-forced': async () => {
      const place = await makePlace()
      await github.control('POST', `repositories/${place.repositoryId}/commits`, {
        files: [{ path: 'a.txt', content: 'two' }],
      })
      const seen = await push(
        place,
        await mintToken(place),
        { path: 'b.txt', text: 'b' },
        '--force',
        'HEAD~2:refs/heads/main',
      )
      expect(seen.text).not.toContain('fatal')
      expect(seen.text).toContain('GH003')
      return seen
    },
    'push-workflows': async () => {
      const place = await makePlace({}, { contents: 'write', workflows: 'write' })
      const seen = await push(place, await mintToken(place), { path: '.github/workflows/ci.yml', text: 'on: push' })
      return { ...seen, text: seen.text.replace('`.github/workflows/ci.yml`', '`%s`') }
    },
    'push-large-file': async () => {
      const place = await makePlace()
      await github.control('PUT', 'limits', { fileBytesMax: 1000 })
      const seen = await push(place, await mintToken(place), { path: 'deep/big.bin', text: 'x'.repeat(1001) })
      expect(seen.text).toContain('File deep/big.bin')
      return seen
    },
    'push-moved': async () => {
      const place = await makePlace()
      const token = await mintToken(place)
      const zero = '0'.repeat(40)
      const before = await github.control<{ oid: string }>('POST', `repositories/${place.repositoryId}/ref`, {
        ref: 'refs/heads/main',
      })
      // A client that claims the branch is new, while it stands at `before`.
      const line = `${zero} ${before.oid} refs/heads/main\0report-status`
      const body = Buffer.concat([
        Buffer.from((line.length + 4).toString(16).padStart(4, '0') + line),
        Buffer.from('0000'),
        emptyPack,
      ])
      const answer = await fetch(`${github.gitUrl}/${place.name}.git/git-receive-pack`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
          'content-type': 'application/x-git-receive-pack-request',
        },
        body,
      })
      return { status: answer.status, text: await answer.text() }
    },
    'push-hidden-ref': async () => {
      const place = await makePlace()
      return push(place, await mintToken(place), { path: 'b.txt', text: 'b' }, 'HEAD:refs/pinned/x')
    },
  }
}
