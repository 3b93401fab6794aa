/**
 * Three workers on one project, killed again and again, each at a step that it was told or at any moment, while people type and somebody else commits at
 * GitHub. It goes on until so many were killed and every named step was somebody's last.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkerSettings } from './worker-process.ts'

/** Steps at which a worker must have died; what is told beside them (such as a push that was refused) is for chance. */
export const STEPS = [
  ...['claimed', 'cut', 'built', 'stored', 'publishing', 'published'].map((step) => `snapshot ${step}`),
  ...[
    'fetched',
    'stored',
    'claimed',
    'begun',
    'planned',
    'tree',
    'added',
    'text',
    'merged',
    'texts',
    'publishing',
    'published',
  ].map((step) => `pull ${step}`),
  ...['begun', 'pushed'].map((step) => `push ${step}`),
  ...['built', 'stored', 'swapping', 'swapped'].map((step) => `pack ${step}`),
]

/** A worker that has not come to its step is killed wherever it is. */
const patienceMs = 12_000
const workersAtOnce = 3

export interface KillReport {
  kills: number
  /** How often a worker died at each step; `anywhere` for those that were killed from outside. */
  byStep: Map<string, number>
  complaints: string[]
}

export interface KillLoopOptions {
  settings: Omit<WorkerSettings, 'dieAt'>
  kills: number
  /** More than so many, and some step is out of reach. */
  killsMax: number
  /** Called between kills: the world goes on. */
  live: () => Promise<void>
  /** Called after each death, with words about it. */
  onKill: (words: string) => Promise<void>
}

export async function runKillLoop({ settings, kills, killsMax, live, onKill }: KillLoopOptions): Promise<KillReport> {
  const report: KillReport = { kills: 0, byStep: new Map(), complaints: [] }
  const isOver = () => report.kills >= killsMax || (report.kills >= kills && missingOf(report).length === 0)
  const lane = async (n: number) => {
    await mkdir(path.join(settings.folder, `lane-${n}`), { recursive: true })
    while (!isOver()) {
      await killOne({ settings: { ...settings, folder: path.join(settings.folder, `lane-${n}`) }, onKill }, report)
    }
  }
  const lanes = Promise.all(Array.from({ length: workersAtOnce }, (_, n) => lane(n)))
  let isDone = false
  const end = lanes.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await live()
    await Promise.race([sleep(100), end.catch(() => {})])
  }
  await end
  return report
}

export const missingOf = ({ byStep }: KillReport): string[] => STEPS.filter((step) => !byStep.has(step))

let turn = 0

async function killOne(
  { settings, onKill }: Pick<KillLoopOptions, 'settings' | 'onKill'>,
  report: KillReport,
): Promise<void> {
  // First what nobody died at; then all in turn, and now and then anywhere.
  const wanted = missingOf(report)
  const pool = wanted.length > 0 ? wanted : [...STEPS, null, null, null]
  const dieAt = pool[turn++ % pool.length] ?? null
  const child = start({ ...settings, dieAt })
  let last = ''
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    last = line
  })
  child.stderr?.on('data', (text: Buffer) => report.complaints.push(text.toString()))
  const ended = once(child, 'exit')
  const isReached = await Promise.race([
    ended.then(() => true),
    sleep(dieAt === null ? 1_500 : patienceMs).then(() => false),
  ])
  if (!isReached) child.kill('SIGKILL')
  await ended
  report.kills++
  const where = isReached && last === dieAt ? dieAt : 'anywhere'
  report.byStep.set(where, (report.byStep.get(where) ?? 0) + 1)
  await onKill(`${report.kills}: died at ${where}, was to die at ${dieAt ?? 'any moment'}, last seen at ${last}`)
}

export function start(settings: WorkerSettings): ChildProcess {
  const file = path.join(import.meta.dirname, 'worker-process.ts')
  return spawn(process.execPath, [file, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'pipe'] })
}
