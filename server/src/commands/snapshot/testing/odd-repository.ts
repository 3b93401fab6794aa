/**
 * Repositories as people have them, and as nobody should: for tests that an import followed by a snapshot changes
 * nothing.
 */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { git } from './snapshot-world.ts'

/** An entry to make: `path` as raw bytes; `content` of a submodule is an oid. */
export interface MadeEntry {
  path: Buffer
  mode: '100644' | '100755' | '120000' | '160000'
  content: Buffer
}

const by = 'Ana <ana@example.org> 1700000000 +0100'

/**
 * Makes a bare repository whose branch `main` has one commit for each list of entries, each list replacing the one
 * before.
 */
export function makeRepository(folder: string, commits: readonly (readonly MadeEntry[])[]): string {
  const directory = mkdtempSync(join(folder, 'made-'))
  git(directory, ['init', '-q', '--bare', '.'])
  const parts: Buffer[] = []
  const line = (text: string) => parts.push(Buffer.from(`${text}\n`))
  const data = (content: Buffer) => {
    line(`data ${content.length}`)
    parts.push(content, Buffer.from('\n'))
  }
  for (const [n, entries] of commits.entries()) {
    line('commit refs/heads/main')
    line(`mark :${n + 1}`)
    line(`committer ${by}`)
    data(Buffer.from(`Commit ${n}\n`))
    if (n > 0) line(`from :${n}`)
    line('deleteall')
    for (const { path, mode, content } of entries) {
      if (mode === '160000') line(`M 160000 ${content.toString()} ${quote(path)}`)
      else {
        line(`M ${mode} inline ${quote(path)}`)
        data(content)
      }
    }
  }
  git(directory, ['fast-import', '--quiet', '--force'], Buffer.concat(parts))
  git(directory, ['symbolic-ref', 'HEAD', 'refs/heads/main'])
  return directory
}

// C-style: every byte that is not plain ASCII as an octal escape.
function quote(path: Buffer): string {
  const escaped = [...path].map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  )
  return `"${escaped.join('')}"`
}

const file = (path: string, content: string | Buffer, mode: MadeEntry['mode'] = '100644'): MadeEntry => ({
  path: Buffer.from(path),
  mode,
  content: Buffer.from(content as string),
})

/** Every odd kind of file that Git can hold and its own check lets pass. */
export const oddEntries: readonly MadeEntry[] = [
  file('lf.txt', 'one\ntwo\n'),
  file('crlf.txt', 'one\r\ntwo\r\n'),
  file('mixed.txt', 'one\r\ntwo\nthree\rfour'),
  file('cr.txt', 'one\rtwo\r'),
  file('bom.txt', '\ufeffone\r\ntwo\r\n'),
  file('two-boms.txt', '\ufeff\ufeffone\n'),
  file('no-end.txt', 'no line end'),
  file('empty.txt', ''),
  file('only-newline.txt', '\n'),
  file('separators.txt', 'a\u2028b\u0085c\u000bd\fe\n'),
  file('latin1.txt', Buffer.from('caf\xe9\n', 'latin1')),
  file('utf16.txt', Buffer.from('\ufeffab\r\n', 'utf16le')),
  file('nul.txt', 'a\0b\n'),
  file('surrogate.txt', Buffer.from([0xed, 0xa0, 0x80, 0x0a])),
  file('overlong.txt', Buffer.from([0xc0, 0xaf, 0x0a])),
  file('binary.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255])),
  file('large.txt', 'x'.repeat(5 * 1024 * 1024)),
  file('long-line.txt', `${'y'.repeat(300_000)}\n`),
  file('emoji.md', '😀 naïve café 文 \u202e reversed\n'),
  file('run.sh', '#!/bin/sh\necho ok\n', '100755'),
  file('binary-run', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0]), '100755'),
  file('link', 'docs/../lf.txt', '120000'),
  file('dangling', '/nowhere/at all', '120000'),
  file('link-bytes', Buffer.from([0xff, 0xfe]), '120000'),
  file('vendor/lib', '1234567890123456789012345678901234567890', '160000'),
  file('.gitmodules', '[submodule "lib"]\n\tpath = vendor/lib\n\turl = https://example.org/lib.git\n'),
  file('.gitattributes', '* text=auto\n*.bin filter=lfs\n'),
  file('.gitignore', 'node_modules\n'),
  file('model.bin', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n'),
  file(`${'deep/'.repeat(70)}file.md`, 'deep\n'),
  file(`${'long'.repeat(60)}.md`, 'a long name\n'),
  file('e\u0301/nfd.md', 'NFD folder\n'),
  file('\u00e9-nfc.md', 'NFC\n'),
  file('twin/caf\u00e9', 'NFC\n'),
  file('twin/cafe\u0301', 'NFD\n'),
  file('README', 'upper\n'),
  file('readme', 'lower\n'),
  file('Folder/a', 'upper folder\n'),
  file('folder/a', 'lower folder\n'),
  file('folder/b', 'lower folder\n'),
  file('file-or-folder', 'a file\n'),
  file('File-Or-Folder/inside', 'a folder\n'),
  file('back\\slash', 'backslash\n'),
  file('trailing. ', 'dot and space\n'),
  file('new\nline', 'control\n'),
  file('quote"d', 'quoted\n'),
  file(' leading', 'space\n'),
  file('-option', 'dash\n'),
  file('CON', 'reserved on Windows\n'),
  file('a:b', 'stream\n'),
  file('sort', 'before\n'),
  file('sort.txt', 'between\n'),
  file('sort0', 'after\n'),
  file('sort-/x', 'folder\n'),
  { path: Buffer.from('latin1-\xe9.txt', 'latin1'), mode: '100644', content: Buffer.from('a name in Latin-1\n') },
  {
    path: Buffer.from('latin1-\xe9/in/side.txt', 'latin1'),
    mode: '100755',
    content: Buffer.from('a folder in Latin-1\n'),
  },
]

/** The odd files, with a history of merges, of other trees, and of commits of other tools. */
export function makeOddRepository(folder: string): string {
  const directory = makeRepository(folder, [[file('first', 'first\n')], [], oddEntries])
  const tree = git(directory, ['rev-parse', 'main^{tree}']).toString().trim()
  const commit = (message: string, ...parents: string[]) =>
    git(directory, ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', message])
      .toString()
      .trim()
  const side = commit('Side', 'main~1')
  const other = commit('Root of its own')
  const merged = commit('Octopus', 'main', side, other)
  const latin1 = Buffer.from(
    `tree ${tree}\nparent ${merged}\nauthor Zo\xeb <z@example.org> 1 -0330\ncommitter C <> 2 +1400\nencoding ISO-8859-1\n\nna\xefve\n`,
    'latin1',
  )
  const tip = git(directory, ['hash-object', '-t', 'commit', '-w', '--stdin'], latin1).toString().trim()
  git(directory, ['update-ref', 'refs/heads/main', tip])
  return directory
}
