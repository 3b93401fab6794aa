import type { Oid } from '@skein/protocol'
import { expect, test } from 'vitest'
import { judgeCommands, type PushCommand } from './push-commands.ts'

const oid = (digit: string) => digit.repeat(40) as Oid
const standing = { branch: 'main', head: oid('1') }
const command = (ref: string, from: Oid | null, to: Oid | null): PushCommand => ({ ref, from, to })
const only = 'only the branch of the project can be pushed'

test.each([
  ['RP2: another branch', command('refs/heads/side', null, oid('2')), only],
  ['RP2: a tag', command('refs/tags/v1', null, oid('2')), only],
  ['RP2: a ref of another kind', command('refs/pull/1/head', null, oid('2')), only],
  ['RP2: another branch that is to be deleted', command('refs/heads/side', oid('2'), null), only],
  ['RP2: a deletion', command('refs/heads/main', oid('1'), null), 'the branch of the project cannot be deleted'],
  ['RP3: an older head', command('refs/heads/main', oid('3'), oid('2')), 'fetch first'],
  ['RP3: a branch that the client believed not to be there', command('refs/heads/main', null, oid('2')), 'fetch first'],
])('%s is refused', (_, one, reason) => {
  const { accepted, refusals } = judgeCommands([one], standing)
  expect(accepted).toBeNull()
  expect([...refusals]).toEqual([[one.ref, reason]])
})

test('RP2: the project’s branch goes on beside what is refused, once', () => {
  const good = command('refs/heads/main', oid('1'), oid('2'))
  const { accepted, refusals, notes } = judgeCommands([command('refs/tags/v1', null, oid('3')), good], standing)
  expect(accepted).toEqual({ ...good, branch: 'main' })
  expect([...refusals.keys()]).toEqual(['refs/tags/v1'])
  expect(notes).toEqual([expect.stringContaining('one branch, main')])
})

test.each(['../../x', 'a..b', 'x.lock', '@{1}', '-x', 'a b', 'x/', '.x', '@', 'x'.repeat(201)])(
  'RP2: before the first commit %j is refused, which cannot be the name of a branch',
  (name) => {
    const one = command(`refs/heads/${name}`, null, oid('2'))
    const { accepted, refusals } = judgeCommands([one], { branch: 'main', head: null })
    expect(accepted).toBeNull()
    expect([...refusals]).toEqual([[one.ref, 'this cannot be the name of a branch']])
  },
)

test('RP2: before the first commit the first branch of the push is taken', () => {
  const empty = { branch: 'main', head: null }
  const all = [command('refs/heads/trunk', null, oid('2')), command('refs/heads/other', null, oid('3'))]
  const { accepted, refusals } = judgeCommands(all, empty)
  expect(accepted?.branch).toBe('trunk')
  expect([...refusals.keys()]).toEqual(['refs/heads/other'])
  expect(judgeCommands([command('refs/tags/v1', null, oid('2'))], empty).accepted).toBeNull()
})
