/**
 * Takes in a pack from a Git client with `git index-pack`: every object is checked as a fetch checks it, and what it names must be there. A pack that
 * leans on objects which are here is refused: they would be added to it, and who knows their oid has them by that. The pack was made by anybody, so Git runs as it does for strangers: without configuration, with bounds for disk and memory.
 */
import type { ObjectIntake } from '../../commands/receive/object-intake.ts'
import type { GitOutcome, UntrustedGit } from '../egress/untrusted-git.ts'

/** Harmless slips that well-known old repositories carry in their history; the same as of a fetch. */
const strict = '--strict=badTimezone=ignore,missingSpaceBeforeDate=ignore,zeroPaddedFilemode=ignore'
const wordsCharactersMax = 300

export const createPackIntake =
  (git: UntrustedGit): ObjectIntake =>
  async ({ directory, send, bytesMax, signal }) => {
    const outcome = await git({
      args: ['index-pack', '--stdin', strict, `--max-input-size=${bytesMax}`],
      cwd: directory,
      protocols: 'none',
      fileBytesMax: bytesMax,
      input: send,
      signal,
    })
    return outcome.code === 0 ? null : explain(outcome)
  }

function explain({ code, stderr }: GitOutcome): string {
  if (/No space left on device/i.test(stderr)) throw new Error(`there is no space for a push: ${stderr}`)
  const check = /(?:error|fatal): (?:object )?([0-9a-f]{40}): ([\w-]+): (.*)/.exec(stderr)
  if (check !== null) return `Git’s own check refused the object ${check[1]}: ${check[3]} (${check[2]})`
  if (/maximum allowed size/.test(stderr)) return 'the pack is too large'
  if (code === null || /out of memory|malloc failed/i.test(stderr)) return 'taking the pack apart needs too much'
  const said = stderr.split('\n').findLast((line) => /^(?:fatal|error):/.test(line)) ?? `Git ended with ${code}`
  return said.replace(/^(?:fatal|error): /, '').slice(0, wordsCharactersMax)
}
