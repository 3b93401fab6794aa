// When to try again to reach the server: soon at first, then ever more slowly, and always at random, so that a restart does
// not bring everybody back in the same moment. Pure.

const firstMs = 400
const factor = 1.8
const delayMsMax = 8_000

/** Milliseconds to wait before attempt number `attempt` (from 0); `random` is in [0, 1). */
export function reconnectDelay(attempt: number, random: number): number {
  const ceiling = Math.min(delayMsMax, firstMs * factor ** attempt * 2)
  return Math.round(ceiling / 2 + (ceiling / 2) * random)
}
