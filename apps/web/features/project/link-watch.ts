// Whether the link to the server is dead although the socket still stands. A broken network ends no socket by itself, and the
// browser's word about the network is neither early nor always right. So when an edit waits and the socket is silent, two
// questions are asked at once: one over the socket itself, which a server answers whatever its database does, and one over
// HTTP, whose failure tells sooner. So a database that is down is no dead link. Pure: time comes in.

/** How often the watch is to look, in milliseconds. */
export const LOOK_EVERY_MS = 1_000
/** An edit that waits this long for any word over the socket makes the watch ask, in milliseconds. */
const silenceMsMax = 3_000
/** While the browser says that there is no network, the watch asks this often, in milliseconds. */
const offlineAskEveryMs = 2_000
/** What a server that is there takes to answer on a free line, in milliseconds. */
const answerWithinMs = 2_500
/** A slow line (256 kbit/s at half its speed) in bytes per millisecond: what was just sent over it is on its way that long. */
const slowLineBytesPerMs = 16
/** A look that comes this late, in milliseconds, comes after a sleep, or the clock was set: nothing can be told from the silence. */
const sleepMs = 4_000

/** What the watch has to know of the moment. */
export type LinkMoment = {
  /** An answer of the server is waited for. */
  isWaiting: boolean
  /** What the browser says of the network. */
  isOnline: boolean
}

/** A question that is to be asked over both ways, and may take so many milliseconds. */
export type LinkQuestion = { readonly at: number; readonly withinMs: number }

/** What is to be done. */
export type LinkAdvice = { do: 'nothing' } | { do: 'ask'; question: LinkQuestion } | { do: 'give-up' }

const NOTHING: LinkAdvice = { do: 'nothing' }

/** Watches one socket, from its opening on. Every method takes the time in milliseconds. */
export class LinkWatch {
  private heardAt: number
  private lookedAt: number
  private askedAt = Number.NEGATIVE_INFINITY
  private waitingSince: number | null = null
  private bytesUnderway = 0
  private question: LinkQuestion | null = null

  constructor(now: number) {
    this.heardAt = now
    this.lookedAt = now
  }

  /** Something came over the socket. */
  heard(now: number): void {
    this.heardAt = now
    this.bytesUnderway = 0
    this.question = null
  }

  /** So many bytes were sent over the socket. */
  sent(bytes: number): void {
    this.bytesUnderway += bytes
  }

  /** To be called every LOOK_EVERY_MS. */
  look(now: number, { isWaiting, isOnline }: LinkMoment): LinkAdvice {
    const hasSlept = Math.abs(now - this.lookedAt) > sleepMs
    this.lookedAt = now
    if (hasSlept) {
      this.heardAt = now
      this.waitingSince = null
      return this.ask(now)
    }
    this.waitingSince = isWaiting ? (this.waitingSince ?? now) : null
    if (this.question) return this.judge(now, this.question)
    if (!isOnline && now - this.askedAt >= offlineAskEveryMs) return this.ask(now)
    const silentSince = this.waitingSince === null ? now : Math.max(this.waitingSince, this.heardAt)
    return now - silentSince >= silenceMsMax ? this.ask(now) : NOTHING
  }

  /** Asks now: the network has changed, or the page was asleep or away. */
  wake(now: number): LinkAdvice {
    this.lookedAt = now
    return this.ask(now)
  }

  /** The question over HTTP has failed. One that is not waited for any more tells nothing. */
  unanswered(question: LinkQuestion): LinkAdvice {
    return question === this.question ? this.giveUp() : NOTHING
  }

  private ask(now: number): LinkAdvice {
    this.question = { at: now, withinMs: answerWithinMs + this.bytesUnderway / slowLineBytesPerMs }
    this.askedAt = now
    return { do: 'ask', question: this.question }
  }

  private judge(now: number, { at, withinMs }: LinkQuestion): LinkAdvice {
    return now - at >= withinMs ? this.giveUp() : NOTHING
  }

  private giveUp(): LinkAdvice {
    this.question = null
    return { do: 'give-up' }
  }
}
