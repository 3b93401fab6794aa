/**
 * Port: time and chance, as the live documents see them. The product runs on the machine's own; a simulation hands in one whose time it
 * turns by hand and whose chance comes from a seed, so that a run can be repeated exactly.
 */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Clock {
  /** Milliseconds since some moment; never goes back, whatever the clock on the wall does. */
  now(): number
  /** Resolves after that time; alone it does not keep the process alive. */
  sleep(delayMs: number): Promise<void>
  /** Calls once after that time, unless what it returns was called before. */
  after(delayMs: number, call: () => void): () => void
  /** Calls when everything that has arrived in this turn of the loop was read. */
  soon(call: () => void): void
  /** At least 0, less than 1. */
  random(): number
}

export const MACHINE_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (delayMs) => sleep(delayMs, undefined, { ref: false }),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
  soon: (call) => void setImmediate(call),
  random: Math.random,
}
