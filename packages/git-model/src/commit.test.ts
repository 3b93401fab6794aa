import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { decodeCommit, encodeCommit } from './commit.ts'
import { encodeMessage } from './commit-message.ts'
import { cleanIdentity } from './identity.ts'
import { emptyTreeOid, encodeObject } from './object.ts'
import { encodePack } from './pack.ts'
import { makeScratchRepository } from './testing/scratch-repository.ts'

const repository = makeScratchRepository()
afterAll(repository.remove)
const emptyTree = encodeObject('tree', new Uint8Array())
repository.addPack(await encodePack([emptyTree]))

function hashWithGit(kind: string, body: Uint8Array): string {
  return repository.git(['hash-object', '-w', '-t', kind, '--stdin'], body).toString().trim()
}

describe('objects', () => {
  test('OB1: oids are those of git hash-object (property)', () => {
    expect(emptyTree.oid).toBe(emptyTreeOid)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        expect(encodeObject('blob', body).oid).toBe(hashWithGit('blob', body))
      }),
      { numRuns: 30, seed: 24 },
    )
  })
})

describe('identities', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('Eve <x@y>\nparent 0', '>', '\r', '.', '', 'a\u2028b'),
  )

  test('ID1: no name or address can forge a commit: git reads back one author and the right parents (property)', () => {
    fc.assert(
      fc.property(nasty, nasty, (name, email) => {
        const by = { name, email, atMs: 1_700_000_000_000 }
        const commit = encodeCommit({ tree: emptyTreeOid, parents: [], author: by, committer: by, message: 'm\n' })
        expect(hashWithGit('commit', commit.body)).toBe(commit.oid)
        const shown = repository.git(['log', '-1', '--format=%an%x00%ae%x00%P%x00%at', commit.oid]).toString()
        const cleaned = cleanIdentity(by)
        expect(shown).toBe(`${cleaned.name}\0${cleaned.email}\0\0${1_700_000_000}\n`)
      }),
      { numRuns: 60, seed: 25 },
    )
  })

  test.each([
    [
      { name: 'Ada Lovelace', email: 'ada@example.com' },
      { name: 'Ada Lovelace', email: 'ada@example.com' },
    ],
    [
      { name: 'Eve <root@x>\nparent 1', email: 'e ve@<x>\n' },
      { name: 'Eve root@x parent 1', email: 'eve@x' },
    ],
    [
      { name: ' "" ', email: '\n' },
      { name: 'Somebody', email: 'nobody@invalid' },
    ],
    [
      { name: '李 雷', email: 'li@例え.jp' },
      { name: '李 雷', email: 'li@例え.jp' },
    ],
    [
      { name: 'a\u202egnp.exe', email: 'x@y' },
      { name: 'a gnp.exe', email: 'x@y' },
    ],
  ])('ID2: %j is written as %j', (dirty, clean) => {
    expect(cleanIdentity(dirty)).toEqual(clean)
  })
})

describe('messages', () => {
  const ada = { key: 'Co-authored-by', value: 'Ada <ada@example.com>' }
  const trailersWithGit = (message: string) =>
    repository.git(['interpret-trailers', '--parse', '--no-divider'], message).toString().trim().split('\n')

  test.each([
    ['Subject', 'Subject\n\nCo-authored-by: Ada <ada@example.com>\n'],
    ['fix: typo', 'fix: typo\n\nCo-authored-by: Ada <ada@example.com>\n'],
    ['S\r\n\r\nBody  \r\n', 'S\n\nBody\n\nCo-authored-by: Ada <ada@example.com>\n'],
    ['S\n\nFixes: #1', 'S\n\nFixes: #1\nCo-authored-by: Ada <ada@example.com>\n'],
  ])('MS1: trailers of %j land where git reads them', (message, expected) => {
    const encoded = encodeMessage(message, [ada])
    expect(encoded).toBe(expected)
    expect(trailersWithGit(encoded).at(-1)).toBe(`${ada.key}: ${ada.value}`)
  })

  test('MS2: a message without trailers ends in one newline and keeps its paragraphs', () => {
    expect(encodeMessage('\n\nA\n\n\nB\u0000\n\n', [])).toBe('A\n\n\nB\n')
  })

  test('MS3: whatever is typed, git finds our trailer last (property)', () => {
    const line = fc.constantFrom('word', 'Key: value', '', 'a b: c', '---', '# hash', '\tindented', 'Signed-off-by: x')
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const encoded = encodeMessage(`Subject\n${lines.join('\n')}`, [ada])
        expect(trailersWithGit(encoded).at(-1)).toBe(`${ada.key}: ${ada.value}`)
      }),
      { numRuns: 60, seed: 26 },
    )
  })
})

describe('reading commits', () => {
  test('CM1: what was encoded decodes to the same', () => {
    const author = { name: 'A', email: 'a@x', atMs: 1_000_000 }
    const committer = { name: 'C', email: 'c@x', atMs: -5000 }
    const commit = {
      tree: emptyTreeOid,
      parents: ['1'.repeat(40), '2'.repeat(40)],
      author,
      committer,
      message: 'S\n\nB\n',
    }
    expect(decodeCommit(encodeCommit(commit).body)).toEqual(commit)
  })

  test('CM2: other encodings, signatures, missing parts and absurd dates are survived', () => {
    const latin1 = Buffer.from(
      `tree ${emptyTreeOid}\nauthor Zo\xeb <z@x> 99999999999999999 +0100\ncommitter x\nencoding ISO-8859-1\ngpgsig -----BEGIN\n parent no\n -----END\n\nna\xefve`,
      'latin1',
    )
    expect(decodeCommit(latin1)).toMatchObject({
      parents: [],
      author: { name: 'Zoë', atMs: 0 },
      committer: { name: 'x', email: '', atMs: 0 },
      message: 'naïve',
    })
    const unknown = Buffer.from(`tree ${emptyTreeOid}\nencoding martian\n\n\xff`, 'latin1')
    expect(decodeCommit(unknown).message).toBe('ÿ')
    expect(() => decodeCommit(Buffer.from('author x\n\n'))).toThrow('without a tree')
  })
})
