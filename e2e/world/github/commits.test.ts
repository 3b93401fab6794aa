import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Visitor, visitGithub } from './visitor.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let visitor: Visitor
beforeAll(async () => {
  visitor = await visitGithub()
})
afterAll(() => visitor.end())

async function makeRepository() {
  const { repositoryId } = await visitor.makePlace()
  const { github } = visitor
  return { id: repositoryId, git: (...args: string[]) => github.git(repositoryId, ...args) }
}

test('one commit holds every kind of change', async () => {
  const { id, git } = await makeRepository()
  await visitor.github.commit(id, {
    files: [
      { path: 'dir "q"/moved.txt', renamedFrom: 'a.txt' },
      { path: 'run.sh', content: '#!/bin/sh\n', mode: '100755' },
      { path: 'link', content: 'run.sh', mode: '120000' },
      { path: 'sub', submodule: '1'.repeat(40) },
      { path: 'bytes.bin', base64: Buffer.from([0, 255, 10]).toString('base64') },
    ],
  })
  const listed = (await git('ls-tree', '-r', '-z', 'main')).split('\0').filter((line) => line !== '')
  expect(listed.map((line) => line.replace(/ .*\t/, ' '))).toEqual([
    '100644 bytes.bin',
    '100644 dir "q"/moved.txt',
    '120000 link',
    '100755 run.sh',
    '160000 sub',
  ])
  expect(await git('cat-file', '-s', 'main:bytes.bin')).toBe('3')
  await visitor.github.commit(id, { files: [{ path: 'run.sh', deleted: true }] })
  await expect(git('cat-file', '-e', 'main:run.sh')).rejects.toThrow()
})

test('2,000 commits are made at once', async () => {
  const { id, git } = await makeRepository()
  await visitor.github.commit(id, { count: 2000, files: [{ path: 'b.txt', content: 'line' }] })
  expect(await git('rev-list', '--count', 'main')).toBe('2001')
  expect(await git('show', 'main:b.txt')).toBe('line 2000')
})

test('a history is amended, begun anew, and built on an older commit', async () => {
  const { id, git } = await makeRepository()
  const first = (await visitor.github.readRef(id, 'refs/heads/main')) ?? ''
  await visitor.github.commit(id, { files: [{ path: 'b.txt', content: 'b' }] })
  await visitor.github.commit(id, { amend: true, files: [{ path: 'c.txt', content: 'c' }] })
  expect(await git('rev-list', '--count', 'main')).toBe('2')
  expect(await git('ls-tree', '--name-only', 'main')).toBe('a.txt\nb.txt\nc.txt')
  await visitor.github.commit(id, { onTop: first, files: [{ path: 'd.txt', content: 'd' }] })
  expect(await git('ls-tree', '--name-only', 'main')).toBe('a.txt\nd.txt')
  await visitor.github.commit(id, { fromScratch: true, files: [{ path: 'e.txt', content: 'e' }] })
  expect(await git('rev-list', '--count', 'main')).toBe('1')
})

test('a merge keeps the files of its first parent and what the request changes', async () => {
  const { id, git } = await makeRepository()
  const onTop = (await visitor.github.readRef(id, 'refs/heads/main')) ?? ''
  const mergeOf = await visitor.github.commit(id, { branch: 'work', onTop, files: [{ path: 'b.txt', content: 'b' }] })
  await visitor.github.commit(id, { mergeOf, files: [{ path: 'b.txt', content: 'b' }] })
  expect(await git('show', '-s', '--format=%P', 'main')).toBe(`${onTop} ${mergeOf}`)
})
