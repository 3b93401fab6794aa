// What a file is, in an icon and in words.

import type { File } from '@skein/protocol'
import {
  CornerDownRight,
  Database,
  FileCode,
  File as FileGlyph,
  FileSpreadsheet,
  FileText,
  GitFork,
  Image,
  type LucideIcon,
  PackageOpen,
} from 'lucide-react'
import { pathToName } from './tree-model.ts'

const IMAGES = /\.(png|jpe?g|gif|webp|avif|svg|ico|bmp)$/i
const TABLES = /\.(csv|tsv|xlsx?|ods)$/i
const PROSE = /\.(md|markdown|txt|rst|adoc|org|tex)$|^(README|LICENSE|NOTICE|CHANGELOG)$/i
const CODE =
  /\.(c|cc|cpp|cs|css|dart|ex|exs|go|h|hpp|hs|html?|java|jsx?|json|kt|less|lua|mjs|php|pl|py|r|rb|rs|scala|scss|sh|sql|swift|toml|tsx?|vue|xml|ya?ml|zig)$/i

/** Whether browsers show the file as a picture. */
export const isImage = (path: string): boolean => IMAGES.test(path)

/** The icon of a file. */
export function fileIcon({ path, kind }: Pick<File, 'path' | 'kind'>): LucideIcon {
  const name = pathToName(path)
  if (kind === 'symlink') return CornerDownRight
  if (kind === 'submodule') return GitFork
  if (kind === 'lfs') return Database
  if (kind === 'opaque') return PackageOpen
  if (IMAGES.test(name)) return Image
  if (TABLES.test(name)) return FileSpreadsheet
  if (PROSE.test(name)) return FileText
  if (CODE.test(name)) return FileCode
  return kind === 'text' ? FileText : FileGlyph
}

/** A size as people read it: `812 bytes`, `1.4 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`
  const units = ['kB', 'MB', 'GB']
  let value = bytes
  let unit = -1
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** What the page says of a file that is not edited as text: what it is, and why it is not shown as text. */
export function describeKind({ kind, bytes }: Pick<File, 'kind' | 'bytes'>): { title: string; words: string } {
  switch (kind) {
    case 'binary':
      return {
        title: `Binary file, ${formatBytes(bytes)}`,
        words:
          'It is not text, or too large to be edited as text. It is kept byte for byte and goes into every commit.',
      }
    case 'symlink':
      return { title: 'Symbolic link', words: 'It points to another path and is kept as it is.' }
    case 'submodule':
      return {
        title: 'Submodule',
        words: 'It names a commit of another repository. Its files are not part of this project.',
      }
    case 'lfs':
      return {
        title: 'File in Git LFS',
        words:
          'Git holds a pointer; the content stands in the LFS store of its repository. The pointer is kept as it is.',
      }
    case 'opaque':
      return {
        title: 'Kept untouched',
        words: 'Its name cannot be shown on every computer, so Skein keeps it as it came and does not edit it.',
      }
    case 'text':
      return { title: 'Text', words: '' }
  }
}

/** Line ends and encoding for the status bar. */
export function describeEncoding({ eol, bom }: Pick<File, 'eol' | 'bom'>): string {
  const ends = eol === 'crlf' ? 'CRLF' : eol === 'mixed' ? 'mixed line ends' : 'LF'
  return `UTF-8${bom ? ' with BOM' : ''}, ${ends}`
}
