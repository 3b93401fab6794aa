/** Times that tests shorten; everything else has its bound where it is kept. All in milliseconds. */
export interface CollabTimes {
  /** A document without connections stays that long, while there is room: a reload of the page, or the next call of a program, finds it warm. */
  idleMs: number
  /** A text is kept beside its state when nobody has typed for that long. */
  quietMs: number
  /** How often housekeeping looks around. */
  roundMs: number
  /** At the end sockets are closed over that time, so that not all clients come back in the same moment. */
  spreadMs: number
  /** How often the rights of everybody who is connected are looked at, although no change was heard. */
  recheckMs: number
  /** A row that another node has committed comes by itself within that time, or is read from the store. */
  gapMs: number
  /** How often all open documents are compared with the store. */
  headsMs: number
}

export const COLLAB_TIMES: CollabTimes = {
  idleMs: 120_000,
  quietMs: 2_000,
  roundMs: 1_000,
  spreadMs: 3_000,
  recheckMs: 30_000,
  gapMs: 40,
  headsMs: 5_000,
}
