// Which paths Skein lets anybody create. Git accepts nearly every byte string as a name; what it accepts on Linux may
// overwrite `.git` on a Mac (code points that HFS+ ignores) or on Windows (short names, alternate streams, trailing
// dots), or cannot be checked out there at all. One function decides for every door: page, API, upload, rename,
// import. An import that meets a name refused here keeps it as an opaque entry instead (see SPEC.md, SP).

/** Longest path in UTF-8 bytes: PATH_MAX of macOS, and small enough for an index entry in PostgreSQL. */
export const pathBytesMax = 1024
/** Longest name between two slashes in UTF-8 bytes: the limit of ext4, APFS and NTFS. */
export const segmentBytesMax = 255
/** Deepest nesting in segments, file name included; every walker of a tree relies on it. */
export const pathDepthMax = 64

/** Why a path was refused; stable, for clients to switch on. */
export type PathErrorCode =
  | 'path-empty'
  | 'path-too-long'
  | 'path-too-deep'
  | 'path-not-unicode'
  | 'path-absolute'
  | 'path-empty-segment'
  | 'path-dot-segment'
  | 'path-segment-too-long'
  | 'path-control-character'
  | 'path-backslash'
  | 'path-git-directory'
  | 'path-trailing-dot-or-space'

/** A path that may be created, or the code of the rule it breaks with a sentence for the person who typed it. */
export type SafePath = { ok: true; path: string } | { ok: false; code: PathErrorCode; message: string }

const utf8 = new TextEncoder()
const controlCharacter = /[\p{Cc}\u2028\u2029]/u
// Code points that HFS+ drops when it compares names; Git's utf8.c holds the same list.
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g
// NTFS: `git~1` is the short name of `.git`; dots, spaces and a `:stream` after either still open it.
const gitDirectoryOnNtfs = /^(?:\.git|git~1)[. ]*(?::.*)?$/i

/** Judges a path relative to the project's root, segments separated by `/`; never changes it. */
export function safeRepoPath(path: string): SafePath {
  const refusal = findPathRefusal(path)
  return refusal ? { ok: false, ...refusal } : { ok: true, path }
}

type Refusal = { code: PathErrorCode; message: string }

function findPathRefusal(path: string): Refusal | undefined {
  if (path === '') return { code: 'path-empty', message: 'Give the file a name.' }
  if (!path.isWellFormed()) {
    return { code: 'path-not-unicode', message: 'This name holds half of a character. Type it again.' }
  }
  if (utf8.encode(path).length > pathBytesMax) {
    return {
      code: 'path-too-long',
      message: `This path is longer than ${pathBytesMax} bytes. Use shorter folder or file names.`,
    }
  }
  if (path.startsWith('/')) {
    return { code: 'path-absolute', message: 'A path starts at the project’s root, without a slash in front.' }
  }
  const segments = path.split('/')
  if (segments.length > pathDepthMax) {
    return { code: 'path-too-deep', message: `Folders can be nested ${pathDepthMax - 1} deep at most.` }
  }
  for (const segment of segments) {
    const refusal = findSegmentRefusal(segment)
    if (refusal) return refusal
  }
  return undefined
}

function findSegmentRefusal(segment: string): Refusal | undefined {
  if (segment === '') {
    return { code: 'path-empty-segment', message: 'There is an empty name between two slashes, or a slash at the end.' }
  }
  if (segment === '.' || segment === '..') {
    const message = `“${segment}” is not a name. Write the path from the project’s root.`
    return { code: 'path-dot-segment', message }
  }
  if (controlCharacter.test(segment)) {
    return {
      code: 'path-control-character',
      message: 'This name holds a line break or another invisible control character. Remove it.',
    }
  }
  if (segment.includes('\\')) {
    return { code: 'path-backslash', message: 'Use “/” between folders; “\\” cannot be part of a name.' }
  }
  if (isGitDirectory(segment)) {
    return {
      code: 'path-git-directory',
      message: `“${segment}” stands for Git’s own folder on some computers, so no file may have this name.`,
    }
  }
  if (/[. ]$/.test(segment)) {
    return {
      code: 'path-trailing-dot-or-space',
      message: `“${segment}” ends in a dot or a space, which Windows cannot store. Remove it.`,
    }
  }
  if (utf8.encode(segment).length > segmentBytesMax) {
    return {
      code: 'path-segment-too-long',
      message: `“${segment.slice(0, 20)}…” is longer than ${segmentBytesMax} bytes. Use a shorter name.`,
    }
  }
  return undefined
}

/** Whether some file system takes this name for `.git`: any letter case, HFS+ ignored code points, NTFS forms. */
export function isGitDirectory(segment: string): boolean {
  return gitDirectoryOnNtfs.test(segment.replace(ignoredByHfs, ''))
}
