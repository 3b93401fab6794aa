/**
 * Everybody who uses a server in a benchmark, in a process of their own: the parent tells it what to do, it answers with figures. Times of one key
 * are taken in this one process, so one clock measures them.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { applyUpdate } from 'yjs'
import { quantile } from './figures.ts'
import { Seat, type SeatPlan } from './seat.ts'
import { Editor, Typist } from './typist.ts'

export interface OpenOrder {
  do: 'open'
  seats: (SeatPlan & { isWriter: boolean })[]
  /** Writers type at the end of a document that they do not look at, or anywhere in one that they have. */
  typing: 'at the end' | 'anywhere'
  /** How many come at the same time. */
  atOnce: number
}

export type Order =
  | OpenOrder
  /** Every writer types so fast, whatever the server does. */
  | { do: 'type'; perSecond: number; ms: number }
  /** Every writer types the next letter when the last one is acknowledged. */
  | { do: 'type-on'; ms: number }
  | { do: 'leave' }

export interface Answer {
  /** How long the whole order took. */
  ms: number
  sent: number
  delivered: number
  acknowledged: number
  /** From a key to another screen, and to its acknowledgement. */
  seen: Latency
  durable: Latency
}

export interface Latency {
  p50: number
  p95: number
  p99: number
}

interface Writer {
  seat: Seat
  typist: Typist | Editor
  sentAt: number[]
  acknowledged: number
}

const TICK_MS_MAX = 10
/** What was sent last has that long to arrive. */
const LANDING_MS_MAX = 5_000

let seats: Seat[] = []
const writers: Writer[] = []
const writerByDocument = new Map<string, Writer>()
let seen: number[] = []
let durable: number[] = []
let delivered = 0
let expected = 0
/** Somebody was thrown out: nothing that is measured from then on is true. */
let failure: Error | null = null

const open = async ({ seats: plans, typing, atOnce }: OpenOrder): Promise<void> => {
  const waiting = plans.toReversed()
  const come = async () => {
    for (let plan = waiting.pop(); plan; plan = waiting.pop()) {
      const seat = new Seat(plan)
      seats.push(seat)
      const editor = plan.isWriter && typing === 'anywhere' ? new Editor() : null
      if (editor) seat.onAnswer = (update) => applyUpdate(editor.doc, update)
      await seat.synced
      seat.onEnd = (error) => {
        failure = error
      }
      takePlace(plan, seat, editor)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, plans.length) }, come))
}

const takePlace = ({ isWriter, document }: OpenOrder['seats'][number], seat: Seat, editor: Editor | null): void => {
  if (isWriter) {
    const typist = editor ?? new Typist(1_000_000_000 + writers.length * 7)
    const writer: Writer = { seat, typist, sentAt: [], acknowledged: 0 }
    writers.push(writer)
    writerByDocument.set(document, writer)
    seat.onAcknowledged = (at) => durable.push(at - (writer.sentAt[writer.acknowledged++] ?? Number.NaN))
    return
  }
  seat.onUpdate = (update, at) => {
    const writer = writerByDocument.get(document)
    if (!(writer?.typist instanceof Typist)) return
    const { from, to } = writer.typist.keysIn(update)
    for (const sentAt of writer.sentAt.slice(from, to)) seen.push(at - sentAt)
    delivered += to - from
  }
}

const press = (writer: Writer): void => {
  const update = writer.typist.type()
  writer.sentAt.push(performance.now())
  writer.seat.send(update)
}

const type = async (perSecond: number, ms: number): Promise<void> => {
  const rate = (perSecond * writers.length) / 1000
  const tickMs = Math.min(TICK_MS_MAX, Math.max(1, 0.5 / rate))
  const from = performance.now()
  const viewersEach = (seats.length - writers.length) / writers.length
  let sent = 0
  for (let now = from; now - from < ms; now = performance.now()) {
    for (const due = Math.min(rate * (now - from), rate * ms); sent < due; sent++) {
      const writer = writers[sent % writers.length]
      if (writer) press(writer)
    }
    await sleep(tickMs)
  }
  expected += sent * viewersEach
  const deadline = performance.now() + LANDING_MS_MAX
  while (delivered < expected && performance.now() < deadline) await sleep(5)
}

const typeOn = async (ms: number): Promise<void> => {
  const end = performance.now() + ms
  for (const writer of writers) {
    writer.seat.onAcknowledged = (at) => {
      durable.push(at - (writer.sentAt[writer.acknowledged++] ?? Number.NaN))
      if (at < end) press(writer)
    }
    press(writer)
  }
  await sleep(ms)
  while (writers.some(({ sentAt, acknowledged }) => acknowledged < sentAt.length)) await sleep(1)
}

const leave = (): void => {
  for (const seat of seats) seat.close()
  seats = []
  writers.length = 0
  writerByDocument.clear()
}

const latencyOf = (values: number[]): Latency => ({
  p50: quantile(values, 0.5),
  p95: quantile(values, 0.95),
  p99: quantile(values, 0.99),
})

const obey = async (order: Order): Promise<Answer> => {
  const from = performance.now()
  const sentBefore = writers.reduce((sum, { sentAt }) => sum + sentAt.length, 0)
  seen = []
  durable = []
  delivered = 0
  expected = 0
  if (order.do === 'open') await open(order)
  else if (order.do === 'type') await type(order.perSecond, order.ms)
  else if (order.do === 'type-on') await typeOn(order.ms)
  else leave()
  if (failure) throw failure
  return {
    ms: performance.now() - from,
    sent: writers.reduce((sum, { sentAt }) => sum + sentAt.length, 0) - sentBefore,
    delivered,
    acknowledged: durable.length,
    seen: latencyOf(seen),
    durable: latencyOf(durable),
  }
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  )
})
