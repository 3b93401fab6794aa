/** How a process ends: by a signal or a fatal event, once, within a bounded time. */

/** Orchestrators kill after 30 seconds; whatever has not ended by itself is cut before that. */
const endWithinMs = 25_000

/**
 * Runs `end` at the first SIGTERM or SIGINT, or when the returned function is called, and then ends the process. Further signals
 * change nothing: the time is bounded.
 */
export function endOnSignals(end: () => Promise<void>, onLate: () => void): (exitCode: number) => void {
  let isEnding = false
  const begin = (exitCode: number): void => {
    if (isEnding) return
    isEnding = true
    setTimeout(() => {
      onLate()
      process.exit(1)
    }, endWithinMs - 500).unref()
    void end().then(() => process.exit(exitCode))
  }
  process.on('SIGTERM', () => begin(0))
  process.on('SIGINT', () => begin(0))
  return begin
}
