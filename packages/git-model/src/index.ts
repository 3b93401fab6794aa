// The face of git-model: Git without I/O. SPEC.md numbers its rules.
export {
  isGitDirectory,
  type PathErrorCode,
  pathBytesMax,
  pathDepthMax,
  type SafePath,
  safeRepoPath,
  segmentBytesMax,
} from './safe-path.ts'
export { twinKey } from './twin-key.ts'
