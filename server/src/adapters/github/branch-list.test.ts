import { expect, test } from 'vitest'
import { BranchList } from './branch-list.ts'

const oid = (digit: string) => digit.repeat(40)
const line = (text: string) => `${(Buffer.byteLength(text) + 5).toString(16).padStart(4, '0')}${text}\n`
const greeting = `${line('# service=git-upload-pack')}0000`
const withCapabilities = (ref: string) => line(`${ref}\0multi_ack symref=HEAD:refs/heads/main agent=git/github`)
const usual =
  withCapabilities(`${oid('1')} HEAD`) + line(`${oid('1')} refs/heads/main`) + line(`${oid('2')} refs/heads/side/way`)

function read(text: string, chunkBytes = 1 << 20) {
  const list = new BranchList()
  const bytes = Buffer.from(text)
  let read = 0
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    read = Math.min(bytes.length, at + chunkBytes)
    if (list.push(bytes.subarray(at, read))) break
  }
  return { refs: list.end(), read }
}

const expected = {
  defaultBranch: 'main',
  branches: new Map([
    ['main', oid('1')],
    ['side/way', oid('2')],
  ]),
}

test.each([1, 2, 3, 7, 50, 1000])('branches are read, in pieces of %i bytes', (chunkBytes) => {
  expect(read(`${greeting}${usual}0000`, chunkBytes).refs).toEqual(expected)
})

test('what stands after the branches is not waited for', () => {
  const pulls = Array.from({ length: 5000 }, (_, n) => line(`${oid('3')} refs/pull/${n}/head`)).join('')
  const all = `${greeting}${usual}${pulls}`
  const { refs, read: bytes } = read(`${all}0000`, 100)
  expect(refs).toEqual(expected)
  expect(bytes).toBeLessThan(800)
})

test('a list that was cut off among its branches is none: a branch that is missing would count as deleted', () => {
  const whole = `${greeting}${usual}0000`
  for (let end = 0; end < whole.length; end += 1) {
    const { refs } = read(whole.slice(0, end))
    // Only a greeting without a single ref is whole by itself: that of a repository without a commit.
    expect(refs?.branches.size ?? 0, `cut after ${end}`).toBe(0)
    expect(refs === null || end === greeting.length, `cut after ${end}`).toBe(true)
  }
})

test('a repository without a commit has no branch', () => {
  const empty = { defaultBranch: null, branches: new Map() }
  expect(read(`${greeting}${withCapabilities(`${oid('0')} capabilities^{}`)}0000`).refs).toMatchObject({
    branches: new Map(),
  })
  expect(read(greeting).refs).toEqual(empty)
  expect(read(`${greeting}0000`).refs).toEqual(empty)
})

test.each([
  '',
  '<!doctype html>',
  `${line('# service=git-receive-pack')}0000`,
  `${greeting}zzzz`,
  `${greeting}0003`,
  `${greeting}${line('no ref at all')}0000`,
  `${greeting}${withCapabilities(`${'1'.repeat(64)} HEAD`)}0000`,
])('%j is no such list', (text) => {
  expect(read(text).refs).toBeNull()
})

test('names that are not used for branches here are left out', () => {
  const odd = ['-x', 'a..b', 'a.lock', `${'long'.repeat(60)}`].map((name) => line(`${oid('4')} refs/heads/${name}`))
  expect(read(`${greeting}${usual}${odd.join('')}0000`).refs).toEqual(expected)
})
