// The face of git-model: Git without I/O. SPEC.md numbers its rules.
export { type Commit, decodeCommit, encodeCommit, type Signature } from './commit.ts'
export { encodeMessage, messageCharactersMax, type Trailer } from './commit-message.ts'
export { type FolderAt, findFolder, replaceFolder, rewriteCommit } from './folder.ts'
export { cleanIdentity, encodeIdentity, type Identity, identityCharactersMax } from './identity.ts'
export { emptyTreeOid, encodeObject, type GitObject, isOid, type ObjectKind } from './object.ts'
export { encodePack, type Pack, packBytesMax } from './pack.ts'
export {
  isGitDirectory,
  type PathErrorCode,
  pathBytesMax,
  pathDepthMax,
  type SafePath,
  safeRepoPath,
  segmentBytesMax,
} from './safe-path.ts'
export {
  compareTreeEntries,
  decodeTree,
  encodeTree,
  encodeTreeEntry,
  fileMode,
  InvalidTreeError,
  isDirectory,
  type TreeEntry,
} from './tree.ts'
export { diffTrees, type TreeDiff, type TreeDifference } from './tree-diff.ts'
export { editTree, type ReadTree, type TreeChange, TreeConflictError, type TreeEdit } from './tree-edit.ts'
export { twinKey } from './twin-key.ts'
