/**
 * A link through random events, also between two steps. Nothing is ever forced, nor a second pull request opened (the model throws); every run ends (SY1);
 * and where it ends with nothing left to do, GitHub has our work, we have theirs, and no word that was written here is lost.
 */
import { expect, test } from 'vitest'
import type { LinkModel } from './testing/link-model.ts'
import { events, states } from './testing/link-table.ts'

const seed = Number(process.env.SEED ?? 20_261_120)
const trials = Number(process.env.TRIALS ?? 400)
const eventsEach = 25

/** Small numbers from a seed (mulberry32). */
function makeRandom(start: number): (below: number) => number {
  let state = start >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Random = ReturnType<typeof makeRandom>
const modes = ['direct_commit', 'protected_pr', 'hybrid'] as const
const policies = ['ask', 'theirs', 'ours', 'branch'] as const

/** What people do to a link and to the rules at GitHub, beside the events of the table. */
const settings: Record<string, (model: LinkModel, random: Random) => void> = {
  'another mode': (model, random) => {
    model.mode = modes[random(3)] ?? 'hybrid'
    model.refusal = null
  },
  'another policy': (model, random) => {
    model.policy = policies[random(4)] ?? 'ask'
  },
  'a conflict in the next pull': (model) => {
    model.nextPullConflicts = 1
  },
  'rules are lifted': (model) => Object.assign(model, { refusedBy: null, needsPullRequest: false }),
  'paused or not': (model) => Object.assign(model, { isPaused: !model.isPaused, isByHand: false }),
  'back from the archive': (model) => Object.assign(model, { isArchived: false }),
  'a secret is released': (model) => Object.assign(model, { openSecrets: 0 }),
}

/** One thing that happens; a name for the note. */
function happen(model: LinkModel, random: Random): string {
  if (random(4) === 0) {
    const names = Object.keys(settings)
    const name = names[random(names.length)] ?? ''
    settings[name]?.(model, random)
    return name
  }
  // What a person does by hand is over at the next event.
  model.isByHand = false
  const names = Object.keys(events)
  const name = names[random(names.length)] ?? ''
  return events[name]?.(model) ? name : `(${name})`
}

/** Everything that keeps a link from its work goes away, and whoever is asked answers. */
function settle(model: LinkModel): void {
  settings['rules are lifted']?.(model, () => 0)
  Object.assign(model, { isPaused: false, isArchived: false, openSecrets: 0, openConflicts: 0, nextPullConflicts: 0 })
  model.readRequest()
  if (model.request?.state === 'closed') model.request = null
  model.tryAgain()
}

test(`SY1 SY3 SY9: ${trials} links through ${eventsEach} events each (seed ${seed})`, () => {
  const random = makeRandom(seed)
  const seen = new Map<string, number>()
  for (let trial = 0; trial < trials; trial++) {
    const names = Object.keys(states)
    const model = states[names[random(names.length)] ?? '']?.()
    if (!model) throw new Error('no such state')
    const happened: string[] = []
    const note = () => `seed ${seed}, trial ${trial}: ${happened.join(' · ')}`
    try {
      for (let i = 0; i < eventsEach; i++) {
        happened.push(happen(model, random))
        let left = random(3)
        const steps = model.run(() => {
          if (left > 0 && random(3) === 0) left -= happened.push(`meanwhile ${happen(model, random)}`) > 0 ? 1 : 0
        })
        for (const step of steps) seen.set(step.do, (seen.get(step.do) ?? 0) + 1)
      }
      // A hold is answered, and may uncover the next.
      for (let i = 0; i < 3; i++) {
        settle(model)
        model.run()
      }
    } catch (error) {
      throw new Error(note(), { cause: error })
    }
    checkEnd(model, note())
  }
  const steps = ['nothing', 'read-pull-request', 'fetch', 'pull', 'follow-branch', 'switch-mode', 'push-branch']
  for (const step of [...steps, 'push-pull-request', 'open-pull-request', 'update-pull-request', 'hold']) {
    expect(seen.get(step) ?? 0, step).toBeGreaterThan(trials / 20)
  }
})

function checkEnd(model: LinkModel, note: string): void {
  const tracked = model.branches.get(model.branch)
  if (model.head === null) {
    expect(tracked, note).toBeUndefined()
    return
  }
  if (tracked === undefined) throw new Error(`${note}: the branch was not made`)
  expect(model.isIn(tracked, model.head), `${note}: theirs is not here`).toBe(true)
  const isAsked = model.requests.some(
    ({ state, headBranch, baseBranch, headOid }) =>
      state === 'open' && headBranch === model.rollingName && baseBranch === model.branch && headOid === model.head,
  )
  const isThere =
    tracked === model.head || isAsked || (model.mode !== 'direct_commit' && model.isSameTree(tracked, model.head))
  expect(isThere, `${note}: our work is not at GitHub`).toBe(true)
  const tree = model.commits.get(model.head)?.tree ?? []
  for (const word of model.written) expect(tree.includes(word), `${note}: ${word} is lost`).toBe(true)
}
