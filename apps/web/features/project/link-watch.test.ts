import { describe, expect, test } from 'vitest'
import { type LinkAdvice, type LinkMoment, LinkWatch, LOOK_EVERY_MS } from './link-watch.ts'

const quiet: LinkMoment = { isWaiting: false, isOnline: true }
const waiting: LinkMoment = { isWaiting: true, isOnline: true }
const offline: LinkMoment = { isWaiting: false, isOnline: false }

/** A watch with a clock: `advance` looks as often as the page does and answers with the advice that was no nothing. */
function makeWatch() {
  const clock = { now: 0 }
  const watch = new LinkWatch(0)
  const advance = (forMs: number, moment: LinkMoment): { at: number; advice: LinkAdvice }[] => {
    const given: { at: number; advice: LinkAdvice }[] = []
    for (const end = clock.now + forMs; clock.now < end; ) {
      clock.now += LOOK_EVERY_MS
      const advice = watch.look(clock.now, moment)
      if (advice.do !== 'nothing') given.push({ at: clock.now, advice })
    }
    return given
  }
  return { clock, watch, advance }
}

const words = (given: { at: number; advice: LinkAdvice }[]): string[] =>
  given.map(({ at, advice }) => `${at} ${advice.do}`)

describe('the watch over the link', () => {
  test('a silent socket is left alone while nothing is waited for', () => {
    expect(makeWatch().advance(60_000, quiet)).toEqual([])
  })

  test('ON1: an edit that waits in silence asks, and the socket is given up within 8 s', () => {
    const { advance } = makeWatch()
    advance(20_000, quiet)
    const given = advance(8_000, waiting)
    expect(words(given).slice(0, 2)).toEqual(['24000 ask', '27000 give-up'])
  })

  test('ON2: while anything comes over the socket nothing is asked, however long the edit waits', () => {
    const { clock, watch, advance } = makeWatch()
    for (let second = 0; second < 60; second += 2) {
      expect(advance(2_000, waiting)).toEqual([])
      watch.heard(clock.now)
    }
  })

  test('ON2: a server that answers over the socket but acknowledges nothing keeps its socket', () => {
    const { clock, watch, advance } = makeWatch()
    let asked = 0
    while (clock.now < 60_000) {
      for (const { advice } of advance(1_000, waiting)) {
        expect(advice.do).toBe('ask')
        asked += 1
        watch.heard(clock.now)
      }
    }
    expect(asked).toBeGreaterThan(5)
  })

  test('ON1: a server that cannot be reached over HTTP is given up at once, unless the socket has spoken since', () => {
    const { clock, watch, advance } = makeWatch()
    const [first] = advance(4_000, waiting)
    if (first?.advice.do !== 'ask') throw new Error('the watch asks')
    watch.heard(clock.now)
    expect(watch.unanswered(first.advice.question)).toEqual({ do: 'nothing' })
    const second = advance(4_000, waiting).at(-1)
    if (second?.advice.do !== 'ask') throw new Error('the watch asks again')
    expect(watch.unanswered(first.advice.question)).toEqual({ do: 'nothing' })
    expect(watch.unanswered(second.advice.question)).toEqual({ do: 'give-up' })
  })

  test('ON3: while the browser says that there is no network it is asked again and again', () => {
    const { clock, watch, advance } = makeWatch()
    const asked: number[] = []
    while (clock.now < 10_000) {
      for (const { at, advice } of advance(1_000, offline)) {
        expect(advice.do).toBe('ask')
        asked.push(at)
        watch.heard(clock.now)
      }
    }
    expect(asked).toEqual([1_000, 3_000, 5_000, 7_000, 9_000])
  })

  test('ON2: a large text on a slow line gets the time that it takes', () => {
    const { watch, advance } = makeWatch()
    watch.sent(320_000)
    expect(words(advance(40_000, waiting)).slice(0, 2)).toEqual(['4000 ask', '27000 give-up'])
  })

  test('ON2: after a sleep nothing is concluded from the silence: it asks first', () => {
    const { clock, watch, advance } = makeWatch()
    expect(words(advance(4_000, waiting))).toEqual(['4000 ask'])
    clock.now += 600_000
    expect(watch.look(clock.now, waiting).do).toBe('ask')
    expect(words(advance(3_000, waiting))).toEqual([`${clock.now} give-up`])
  })

  test('ON2: a clock that is set back does not put the watch to sleep', () => {
    const { clock, watch, advance } = makeWatch()
    advance(10_000, quiet)
    watch.heard(clock.now)
    clock.now -= 3_600_000
    expect(watch.look(clock.now, quiet).do).toBe('ask')
    watch.heard(clock.now)
    expect(advance(5_000, waiting).map(({ advice }) => advice.do)).toEqual(['ask'])
  })

  test('ON3: a page that comes back asks at once, and again gives up what stays silent', () => {
    const { clock, watch, advance } = makeWatch()
    clock.now += 5_000
    expect(watch.wake(clock.now).do).toBe('ask')
    expect(words(advance(3_000, quiet))).toEqual(['8000 give-up'])
  })
})
