/**
 * Takes in a pack from a Git client with `git index-pack`: every object is checked as a fetch checks it, and what it names must be there. A pack that
 * leans on objects which are here is refused: they would be added to it, and whoever knows their oid would have them. The pack was made by anybody, so
 * Git runs as it does for strangers: without configuration, with bounds for disk, memory and time.
 */
import type { ObjectIntake } from '../../commands/receive/object-intake.ts'
import type { GitOutcome, UntrustedGit } from '../egress/untrusted-git.ts'

/** Harmless slips that well-known old repositories carry in their history; the same as of a fetch. */
const strict = '--strict=badTimezone=ignore,missingSpaceBeforeDate=ignore,zeroPaddedFilemode=ignore'
const wordsCharactersMax = 300

export interface PackIntakeLimits {
  /** Seconds of a processor; default five minutes. A pack of 1 MiB may ask for hours. */
  cpuSecondsMax?: number
  /** Longest time from when all has come until all is checked; default five minutes. */
  timeMaxMs?: number
}

export const createPackIntake =
  (git: UntrustedGit, { cpuSecondsMax = 300, timeMaxMs = 300_000 }: PackIntakeLimits = {}): ObjectIntake =>
  async ({ directory, send, bytesMax, signal }) => {
    const late = new AbortController()
    let timer: NodeJS.Timeout | undefined
    try {
      const outcome = await git({
        args: ['index-pack', '--stdin', strict, `--max-input-size=${bytesMax}`],
        cwd: directory,
        protocols: 'none',
        fileBytesMax: bytesMax,
        cpuSecondsMax,
        input: async (stdin) => {
          await send(stdin)
          timer = setTimeout(() => late.abort(new Error('checking the pack takes too long')), timeMaxMs)
        },
        signal: AbortSignal.any([signal, late.signal]),
      })
      return outcome.code === 0 ? null : explain(outcome)
    } catch (error) {
      if (!late.signal.aborted || signal.aborted) throw error
      return tooMuch
    } finally {
      clearTimeout(timer)
    }
  }

const tooMuch = 'taking the pack apart needs too much'

function explain({ code, stderr }: GitOutcome): string {
  if (/No space left on device/i.test(stderr)) throw new Error(`there is no space for a push: ${stderr}`)
  const check = /(?:error|fatal): (?:object )?([0-9a-f]{40}): ([\w-]+): (.*)/.exec(stderr)
  if (check !== null) return `Git’s own check refused the object ${check[1]}: ${check[3]} (${check[2]})`
  if (/maximum allowed size/.test(stderr)) return 'the pack is too large'
  if (code === null || /out of memory|malloc failed/i.test(stderr)) return tooMuch
  const said = stderr.split('\n').findLast((line) => /^(?:fatal|error):/.test(line)) ?? `Git ended with ${code}`
  return said.replace(/^(?:fatal|error): /, '').slice(0, wordsCharactersMax)
}
