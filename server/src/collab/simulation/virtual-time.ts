/**
 * Time that is turned by hand: the timers of everything in the process, the product's and those of the stock provider, fire one after the other
 * in virtual time, and between two of them all promises run. A minute of virtual time passes in milliseconds.
 */
import { vi } from 'vitest'
import type { Clock } from '../clock.ts'

const FAKED = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'performance',
] as const

const realImmediate = setImmediate

/** Lets every promise that can go on go on. */
const settlePromises = (): Promise<void> => new Promise((resolve) => realImmediate(resolve))

/** Runs the work under virtual time; nothing else may run in the process meanwhile. */
export async function inVirtualTime<T>(random: () => number, work: (time: VirtualTime) => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: [...FAKED] })
  const chance = vi.spyOn(Math, 'random').mockImplementation(random)
  try {
    return await work(new VirtualTime(random))
  } finally {
    chance.mockRestore()
    vi.clearAllTimers()
    vi.useRealTimers()
  }
}

export class VirtualTime {
  readonly clock: Clock

  constructor(random: () => number) {
    this.clock = {
      now: () => performance.now(),
      sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
      after: (delayMs, call) => {
        const timer = setTimeout(call, delayMs)
        return () => clearTimeout(timer)
      },
      soon: (call) => void setImmediate(call),
      random,
    }
  }

  /** Lets so much time pass. */
  async pass(durationMs: number): Promise<void> {
    let isOver = false
    setTimeout(() => {
      isOver = true
    }, durationMs)
    await settlePromises()
    while (!isOver) {
      vi.advanceTimersToNextTimer()
      await settlePromises()
    }
  }

  /** Lets time pass until it is so, at most so much; says whether it came to pass. */
  async until(isSo: () => boolean, withinMs: number): Promise<boolean> {
    const end = performance.now() + withinMs
    await settlePromises()
    while (!isSo()) {
      if (performance.now() > end) return false
      vi.advanceTimersToNextTimer()
      await settlePromises()
    }
    return true
  }
}
