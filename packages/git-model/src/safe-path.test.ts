import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type PathErrorCode, pathBytesMax, safeRepoPath } from './safe-path.ts'

const scratch = mkdtempSync(join(tmpdir(), 'skein-safe-path-'))
afterAll(() => rmSync(scratch, { recursive: true }))

function codeOf(path: string): PathErrorCode | 'ok' {
  const result = safeRepoPath(path)
  return result.ok ? 'ok' : result.code
}

describe('SP1: ordinary names of every language pass unchanged', () => {
  test.each([
    'README.md',
    'docs/a b/c.txt',
    '.gitignore',
    '.gitmodules',
    '.github/workflows/ci.yml',
    'git',
    'a.git',
    '.gitx',
    'git~2',
    '文書/手紙.md',
    'naïve/e\u0301.md',
    '🚀/emoji.md',
    '...a',
    '..a/b',
    ' leading space',
    'a:b',
    'x'.repeat(255),
    Array(64).fill('d').join('/'),
  ])('%j', (path) => {
    expect(safeRepoPath(path)).toEqual({ ok: true, path })
  })
})

describe('SP2: each refusal has its code and a sentence', () => {
  test.each<[string, PathErrorCode]>([
    ['', 'path-empty'],
    ['/etc/passwd', 'path-absolute'],
    ['a//b', 'path-empty-segment'],
    ['a/', 'path-empty-segment'],
    ['..', 'path-dot-segment'],
    ['a/../b', 'path-dot-segment'],
    ['./a', 'path-dot-segment'],
    ['a\nb', 'path-control-character'],
    ['a\u0000b', 'path-control-character'],
    ['a\u0085b', 'path-control-character'],
    ['a\\b', 'path-backslash'],
    ['..\\..\\x', 'path-backslash'],
    ['\ud83d', 'path-not-unicode'],
    ['x'.repeat(256), 'path-segment-too-long'],
    ['é'.repeat(128), 'path-segment-too-long'],
    [Array(65).fill('d').join('/'), 'path-too-deep'],
    [`${'x/'.repeat(60)}${`${'y'.repeat(250)}/`.repeat(4)}`, 'path-too-long'],
    ['name.', 'path-trailing-dot-or-space'],
    ['dir /name', 'path-trailing-dot-or-space'],
    ['...', 'path-trailing-dot-or-space'],
  ])('%j → %s', (path, code) => {
    const result = safeRepoPath(path)
    expect(result).toMatchObject({ ok: false, code })
    if (!result.ok) expect(result.message).toMatch(/^[“A-Z].*\.$/)
  })
})

describe('SP3: .git is refused in every disguise', () => {
  test.each([
    '.git',
    'a/.git/config',
    '.GIT',
    '.GiT',
    'git~1',
    'GIT~1/hooks',
    '.git ',
    '.git.',
    '.git . .',
    'git~1 .',
    '.git:x',
    '.git::$INDEX_ALLOCATION',
    '.git...:y',
    '.g\u200cit',
    '.gi\u200dt',
    '\ufeff.git',
    '.git\u206f',
    '\u202e.GIT',
  ])('%j', (path) => {
    expect(codeOf(path)).toBe('path-git-directory')
  })

  test('SP3: every name that git refuses to index is refused here (property, git as oracle)', () => {
    execFileSync('git', ['init', '-q', scratch])
    const noise = fc.constantFrom('', '.', ' ', '~1', '~2', ':', ':a', '\u200c', '\u206d', '\ufeff', 'x')
    const name = fc
      .tuple(noise, fc.constantFrom('.git', 'git', '.GIT', 'GIT', '.giT'), noise, noise)
      .map((parts) => parts.join(''))
    const names = [...new Set(fc.sample(name, { numRuns: 300, seed: 7 }))]
    const refusedByGit = names.filter((candidate) => !isIndexedByGit(candidate))
    expect(refusedByGit.length).toBeGreaterThan(5)
    for (const candidate of refusedByGit) expect([candidate, codeOf(candidate)]).not.toEqual([candidate, 'ok'])
  })
})

function isIndexedByGit(name: string): boolean {
  const emptyBlob = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
  const config = ['-c', 'core.protectNTFS=true', '-c', 'core.protectHFS=true']
  try {
    const args = [...config, 'update-index', '--add', '--info-only', '--cacheinfo', `100644,${emptyBlob},${name}`]
    execFileSync('git', args, { cwd: scratch, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('SP4: no input throws, and what passes stays within the limits (property)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (path) => {
      const result = safeRepoPath(path)
      if (!result.ok) return
      expect(Buffer.byteLength(path)).toBeLessThanOrEqual(pathBytesMax)
      expect(path.split('/').every((segment) => segment !== '' && Buffer.byteLength(segment) <= 255)).toBe(true)
    }),
  )
})
