/** The next step of a link: the table of SPEC.md cell by cell, on a model of the repository and the project, and each rule by itself. */
import { readFileSync } from 'node:fs'
import type { Oid } from '@skein/protocol'
import { expect, test } from 'vitest'
import { decide } from './decide.ts'
import type { SyncFacts } from './sync-facts.ts'
import { writeStep } from './testing/link-model.ts'
import { events, states } from './testing/link-table.ts'

/** Cells by event and state. */
function readTables(): Map<string, string> {
  const cells = new Map<string, string>()
  let columns: string[] = []
  for (const line of readFileSync(new URL('../SPEC.md', import.meta.url), 'utf8').split('\n')) {
    const row = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    if (row[0] === 'event \\ state') columns = row.slice(1)
    if (line === '') columns = []
    const event = /^\*\*(.*)\*\*$/.exec(row[0] ?? '')?.[1]
    if (event !== undefined)
      for (const [i, state] of columns.entries()) cells.set(`${event} @ ${state}`, row[i + 1] ?? '')
  }
  return cells
}

const table = readTables()

test('the table has every state and every event, and no empty cell', () => {
  const pairs = Object.keys(events).flatMap((event) => Object.keys(states).map((state) => `${event} @ ${state}`))
  expect([...table.keys()].sort()).toEqual(pairs.sort())
  for (const [pair, cell] of table) expect(cell, pair).not.toBe('')
})

for (const [state, make] of Object.entries(states)) {
  test(`SY1 SY3 SY9: ${state}`, () => {
    for (const [event, happen] of Object.entries(events)) {
      const model = make()
      const steps = happen(model) ? model.run().map(writeStep).join(', ') : 'cannot be'
      expect(steps, event).toBe(table.get(`${event} @ ${state}`))
    }
  })
}

const oid = (digit: string) => digit.repeat(40) as Oid
const [ours, theirs, older] = [oid('a'), oid('b'), oid('c')]

type Part = Partial<Omit<SyncFacts, 'tracked' | 'rolling'>> & {
  tracked?: Partial<SyncFacts['tracked']>
  rolling?: Partial<SyncFacts['rolling']>
}

/** A link in direct mode whose head is ahead of the tracked branch, but for what is said. */
const factsOf = ({ tracked, rolling, ...part }: Part): SyncFacts => ({
  mode: 'direct_commit',
  policy: 'ask',
  isPaused: false,
  isByHand: false,
  held: null,
  isArchived: false,
  openConflicts: 0,
  openSecrets: 0,
  head: ours,
  merged: theirs,
  tracked: {
    name: 'main',
    oid: theirs,
    relation: 'ahead',
    isRewritten: false,
    isSameTree: false,
    followsDefault: true,
    ...tracked,
  },
  rolling: {
    name: 'skein/notes',
    oid: null,
    relation: 'unknown',
    pushed: null,
    isLeft: false,
    freeName: 'skein/notes',
    ...rolling,
  },
  pullRequest: null,
  defaultBranch: 'main',
  hasDefaultBranch: true,
  refusal: null,
  needsPullRequest: null,
  nowMs: 1000,
  pushNotBeforeMs: 0,
  ...part,
})

const next = (part: Part): string => writeStep(decide(factsOf(part)))
const request = (part: Partial<NonNullable<SyncFacts['pullRequest']>> = {}): SyncFacts['pullRequest'] => ({
  number: 7,
  state: 'open',
  headBranch: 'skein/notes',
  baseBranch: 'main',
  headOid: older,
  mergeOid: null,
  isHeadInTracked: false,
  isMergeInHead: false,
  seenWith: theirs,
  describes: older,
  ...part,
})
const behind = { relation: 'behind' } as const
const unseen = { relation: 'unknown', isRewritten: null } as const

test('a step names what it is about', () => {
  expect(decide(factsOf({}))).toEqual({ do: 'push-branch', branch: 'main', lease: theirs, to: ours })
  expect(decide(factsOf({ tracked: behind }))).toEqual({
    do: 'pull',
    from: 'tracked',
    kind: 'forward',
    branch: 'main',
    theirs,
    mergedHead: null,
  })
  expect(decide(factsOf({ mode: 'protected_pr', rolling: { oid: older, relation: 'ahead' } }))).toEqual({
    do: 'push-pull-request',
    how: 'append',
    branch: 'skein/notes',
    lease: older,
    to: ours,
  })
})

test('SY2: a paused link pulls by hand, and pushes nothing', () => {
  expect(next({ isPaused: true, tracked: behind })).toBe('paused')
  expect(next({ isPaused: true, isByHand: true, tracked: behind })).toBe('pull forward')
  expect(next({ isPaused: true, isByHand: true })).toBe('paused')
})

test('SY3: what is not fetched is fetched, whatever is known of it', () => {
  expect(decide(factsOf({ tracked: unseen }))).toEqual({ do: 'fetch', branch: 'main', wanted: theirs })
  expect(next({ tracked: { relation: 'unknown', isRewritten: false } })).toBe('fetch')
  expect(next({ tracked: { relation: 'behind', isRewritten: null } })).toBe('fetch')
  expect(next({ head: null, merged: null, tracked: { relation: 'unknown' } })).toBe('pull first')
})

test('SY4: a head that ours contains is nothing new; one without the merged head is a rewrite, also an older one of ours', () => {
  expect(next({ merged: older, tracked: { relation: 'equal', oid: ours } })).toBe('same')
  expect(next({ merged: older })).toBe('push')
  expect(next({ merged: older, tracked: { isRewritten: true } })).toBe('pull rewritten')
  expect(next({ merged: older, tracked: { isRewritten: true, relation: 'unrelated' } })).toBe('pull rewritten')
  expect(next({ merged: older, tracked: { isRewritten: true, relation: 'equal', oid: ours } })).toBe('same')
})

test('SY5: hybrid turns to pull requests before it pulls what was rewritten', () => {
  const tracked = { isRewritten: true, relation: 'diverged' } as const
  expect(decide(factsOf({ mode: 'hybrid', tracked }))).toEqual({
    do: 'switch-mode',
    to: 'protected_pr',
    reason: 'rewritten',
  })
  expect(next({ mode: 'protected_pr', tracked })).toBe('pull rewritten')
})

test('SY6: a moved branch and an open pull request: asked first, once for each move', () => {
  expect(decide(factsOf({ tracked: behind, pullRequest: request({ seenWith: older }) }))).toEqual({
    do: 'read-pull-request',
    number: 7,
  })
  expect(next({ tracked: behind, pullRequest: request() })).toBe('pull forward')
  expect(next({ tracked: behind, pullRequest: request({ seenWith: older, baseBranch: 'other' }) })).toBe('pull forward')
})

test('SY6: squashed: its head is not there; merged: it is; pulled: it is history', () => {
  const merged = { state: 'merged', mergeOid: theirs } as const
  const tracked = { relation: 'diverged' } as const
  expect(decide(factsOf({ tracked, pullRequest: request(merged) }))).toMatchObject({
    kind: 'restarted',
    mergedHead: older,
  })
  expect(next({ tracked, pullRequest: request({ ...merged, isHeadInTracked: null }) })).toBe('fetch')
  expect(next({ tracked, pullRequest: request({ ...merged, isHeadInTracked: true }) })).toBe('pull merge')
  expect(next({ tracked, pullRequest: request({ ...merged, isMergeInHead: true }) })).toBe('pull merge')
  expect(next({ tracked, pullRequest: request({ ...merged, baseBranch: 'other' }) })).toBe('pull merge')
})

test('SY7: a branch that never was is pushed to in every mode, conflicts and secrets aside', () => {
  const tracked = { oid: null, relation: 'unknown', isRewritten: false } as const
  for (const mode of ['direct_commit', 'protected_pr', 'hybrid'] as const) {
    const never = { mode, merged: null, tracked, defaultBranch: null, hasDefaultBranch: false }
    expect(decide(factsOf(never))).toEqual({ do: 'push-branch', branch: 'main', lease: null, to: ours })
    expect(next({ ...never, openSecrets: 1 })).toBe('hold secret-findings')
    expect(next({ ...never, openConflicts: 1, policy: 'branch' })).toBe('hold open-conflicts')
    const refusal = { branch: 'tracked', rule: 'repository-rules', head: ours } as const
    expect(next({ ...never, refusal })).toBe('hold push-refused')
  }
})

test('SY8: gone: followed only from the default branch to its new name', () => {
  const gone = { oid: null, relation: 'unknown' } as const
  const renamed = { defaultBranch: 'trunk' }
  expect(decide(factsOf({ tracked: gone, ...renamed }))).toEqual({ do: 'follow-branch', branch: 'trunk' })
  expect(next({ tracked: gone, ...renamed, merged: null })).toBe('follow')
  expect(next({ tracked: { ...gone, followsDefault: false }, ...renamed })).toBe('hold branch-deleted')
  expect(next({ tracked: gone, ...renamed, hasDefaultBranch: false })).toBe('hold branch-deleted')
  expect(next({ tracked: gone })).toBe('hold branch-deleted')
  expect(decide(factsOf({ tracked: gone }))).toMatchObject({ lifts: 'person' })
  // Another branch is the default now, and ours is still there.
  expect(next(renamed)).toBe('push')
})

test('SY9: a name of somebody else’s branch is left to them, and a branch that was left is begun anew', () => {
  const mode = 'protected_pr'
  const there = { oid: older, freeName: 'skein/notes-2' }
  for (const relation of ['behind', 'diverged', 'unrelated'] as const) {
    const step = decide(factsOf({ mode, rolling: { ...there, relation } }))
    expect(step).toEqual({ do: 'push-pull-request', how: 'restart', branch: 'skein/notes-2', lease: null, to: ours })
  }
  expect(next({ mode, rolling: { ...there, relation: 'unknown' } })).toBe('fetch')
  const gone = decide(factsOf({ mode, rolling: { pushed: older, isLeft: true } }))
  expect(gone).toEqual({ do: 'push-pull-request', how: 'restart', branch: 'skein/notes', lease: null, to: ours })
})

test('SY9: an open pull request of a branch that was left is replaced', () => {
  const rolling = { name: 'skein/notes-2', oid: ours, relation: 'equal', pushed: ours } as const
  expect(decide(factsOf({ mode: 'protected_pr', rolling, pullRequest: request() }))).toEqual({
    do: 'open-pull-request',
    head: 'skein/notes-2',
    base: 'main',
    of: ours,
    replaces: 7,
  })
  const merged = request({ state: 'merged', isMergeInHead: true })
  expect(decide(factsOf({ mode: 'protected_pr', rolling, pullRequest: merged }))).toMatchObject({ replaces: null })
})

test('SY10: commits of others on the rolling branch come in while it is asked for', () => {
  const mode = 'protected_pr'
  const rolling = { oid: older, pushed: theirs } as const
  const pulled = decide(factsOf({ mode, rolling: { ...rolling, relation: 'diverged' }, pullRequest: request() }))
  expect(pulled).toEqual({
    do: 'pull',
    from: 'rolling',
    kind: 'merge',
    branch: 'skein/notes',
    theirs: older,
    mergedHead: null,
  })
  expect(next({ mode, rolling: { ...rolling, relation: 'unknown' }, pullRequest: request() })).toBe('fetch')
  expect(next({ mode, rolling: { ...rolling, relation: 'ahead' }, pullRequest: request() })).toBe('append')
  expect(next({ mode, rolling: { ...rolling, relation: 'behind', isLeft: true }, pullRequest: request() })).toBe(
    'restart',
  )
  expect(next({ mode, rolling: { ...rolling, relation: 'behind' } })).toBe('restart')
})

test('SY11: closed unmerged: asked, and pulls go on', () => {
  const closed = request({ state: 'closed' })
  expect(decide(factsOf({ mode: 'protected_pr', pullRequest: closed }))).toEqual({
    do: 'hold',
    code: 'pull-request-closed',
    lifts: 'person',
  })
  expect(next({ mode: 'protected_pr', pullRequest: closed, tracked: behind })).toBe('pull forward')
  expect(next({ mode: 'direct_commit', pullRequest: closed })).toBe('push')
})

test('SY12: what a refused push leads to', () => {
  const refused = (
    rule: NonNullable<SyncFacts['refusal']>['rule'],
    head = ours,
    branch: 'tracked' | 'rolling' = 'tracked',
  ) => ({
    refusal: { branch, rule, head },
  })
  for (const rule of ['protected-branch', 'repository-rules'] as const) {
    expect(decide(factsOf(refused(rule)))).toEqual({ do: 'switch-mode', to: 'protected_pr', reason: 'refused' })
    expect(next({ mode: 'hybrid', ...refused(rule) })).toBe('create')
    expect(next({ mode: 'hybrid', ...refused(rule, older) })).toBe('create')
    expect(next({ mode: 'hybrid', ...refused(rule, older), needsPullRequest: true })).toBe('create')
    expect(next({ mode: 'hybrid', ...refused(rule, older), needsPullRequest: false })).toBe('push')
    expect(next({ mode: 'hybrid', ...refused(rule, ours), needsPullRequest: false })).toBe('create')
    expect(next({ mode: 'hybrid', ...refused(rule, older), needsPullRequest: false, pullRequest: request() })).toBe(
      'create',
    )
  }
  for (const rule of ['workflows-permission', 'file-too-large', 'other'] as const) {
    expect(next(refused(rule))).toBe('hold push-refused')
    expect(next({ mode: 'hybrid', ...refused(rule, older) })).toBe('hold push-refused')
    expect(next({ mode: 'protected_pr', ...refused(rule) })).toBe('create')
    expect(next({ mode: 'protected_pr', ...refused(rule, ours, 'rolling') })).toBe('hold push-refused')
  }
  expect(next({ needsPullRequest: true })).toBe('push')
  expect(next({ mode: 'hybrid', needsPullRequest: true })).toBe('push')
})

test('SY13: what keeps a push here, in the order in which it is told, and only when there is something to push', () => {
  const all = {
    openConflicts: 1,
    openSecrets: 1,
    isArchived: true,
    held: { code: 'push-refused', blocks: 'push' },
  } as const
  expect(next(all)).toBe('held')
  expect(next({ ...all, held: null })).toBe('hold archived')
  expect(next({ ...all, held: null, isArchived: false })).toBe('hold secret-findings')
  expect(next({ ...all, held: null, isArchived: false, openSecrets: 0 })).toBe('hold open-conflicts')
  expect(next({ ...all, tracked: { oid: ours, relation: 'equal' } })).toBe('same')
  expect(next({ ...all, head: null, tracked: { oid: null }, merged: null })).toBe('empty')
})

test('SY13: with the policy branch, conflicts send the work to the pull request', () => {
  expect(next({ openConflicts: 1, policy: 'branch' })).toBe('create')
  expect(next({ openConflicts: 1, policy: 'branch', openSecrets: 1 })).toBe('hold secret-findings')
  expect(next({ openConflicts: 1, policy: 'ours' })).toBe('hold open-conflicts')
})

test('SY14: the text of a pull request, and nothing to ask for', () => {
  const there = { mode: 'protected_pr', rolling: { oid: ours, relation: 'equal', pushed: ours } } as const
  expect(next({ ...there })).toBe('open')
  expect(decide(factsOf({ ...there, pullRequest: request() }))).toEqual({
    do: 'update-pull-request',
    number: 7,
    of: ours,
  })
  expect(next({ ...there, pullRequest: request({ describes: ours }) })).toBe('same')
  expect(next({ mode: 'protected_pr', tracked: { isSameTree: true } })).toBe('no-changes')
  expect(next({ mode: 'protected_pr', tracked: { isSameTree: true }, pullRequest: request() })).toBe('create')
  expect(next({ mode: 'direct_commit', tracked: { isSameTree: true } })).toBe('push')
})

test('SY15: pushes keep their distance, pulls do not wait', () => {
  const soon = { pushNotBeforeMs: 5000 }
  expect(decide(factsOf(soon))).toEqual({ do: 'wait', untilMs: 5000 })
  expect(next({ ...soon, mode: 'protected_pr' })).toBe('wait')
  expect(next({ ...soon, tracked: behind })).toBe('pull forward')
  expect(next({ ...soon, openConflicts: 1 })).toBe('hold open-conflicts')
  expect(next({ pushNotBeforeMs: 1000 })).toBe('push')
})

test('SY16: a hold for all, and a hold for pushes', () => {
  expect(next({ held: { code: 'branch-deleted', blocks: 'all' }, tracked: behind })).toBe('held')
  expect(next({ held: { code: 'push-refused', blocks: 'push' }, tracked: behind })).toBe('pull forward')
})
