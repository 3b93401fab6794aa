/**
 * The state machine of a link: what to do next, from what is known of both sides. It is asked again after every step, and remembers nothing: whatever
 * it needs to know stands in rows or at GitHub. First what comes in, then what goes out; SPEC.md has the rules (SY) and the table.
 */
import type { Oid, SyncMode } from '@skein/protocol'
import type { PullRequestFacts, RefusalRule, SyncFacts } from './sync-facts.ts'

/** `forward`, `merge`, `unrelated`, `first`: how histories stand. `rewritten`: by force. `restarted`: our pull request was squashed or rebased. */
export type PullKind = 'forward' | 'merge' | 'rewritten' | 'restarted' | 'unrelated' | 'first'

export type HoldCode =
  | 'archived'
  | 'open-conflicts'
  | 'secret-findings'
  | 'branch-deleted'
  | 'pull-request-closed'
  | 'push-refused'

export type Step =
  | { do: 'nothing'; because: 'same' | 'empty' | 'paused' | 'held' | 'no-changes' }
  /** Pushes keep a distance. */
  | { do: 'wait'; untilMs: number }
  /** By GitHub's API, before a moved branch is pulled: it may hold our own work, squashed. */
  | { do: 'read-pull-request'; number: number }
  /** Bring the objects here, to know how the histories stand. */
  | { do: 'fetch'; branch: string; wanted: Oid }
  /** `from`: which branch; commits that people put on our rolling branch come in too, and leave `merged` as it is. */
  | { do: 'pull'; from: 'tracked' | 'rolling'; kind: PullKind; branch: string; theirs: Oid; mergedHead: Oid | null }
  /** The default branch has another name now. */
  | { do: 'follow-branch'; branch: string }
  | { do: 'switch-mode'; to: SyncMode; reason: 'refused' | 'rewritten' }
  | { do: 'push-branch'; branch: string; lease: Oid | null; to: Oid }
  /** `restart`: under a name that nobody has, as nothing is ever forced. */
  | { do: 'push-pull-request'; how: 'create' | 'append' | 'restart'; branch: string; lease: Oid | null; to: Oid }
  /** One that is open already between these branches is taken. `replaces`: an open one of a branch that was left, to be closed. */
  | { do: 'open-pull-request'; head: string; base: string; of: Oid; replaces: number | null }
  /** Its title and body were written for another head. */
  | { do: 'update-pull-request'; number: number; of: Oid }
  /** `lifts`: when its cause is gone, or when a person asks for another try. */
  | { do: 'hold'; code: HoldCode; lifts: 'itself' | 'person' }

/** One step; `nothing` and `hold` end the work until the facts change, `wait` until its time. */
export function decide(facts: SyncFacts): Step {
  if (facts.isPaused && !facts.isByHand) return idle('paused')
  if (facts.held?.blocks === 'all') return idle('held')
  return decideTracked(facts) ?? decideRolling(facts) ?? decidePush(facts)
}

const idle = (because: Extract<Step, { do: 'nothing' }>['because']): Step => ({ do: 'nothing', because })
const hold = (code: HoldCode, lifts: 'itself' | 'person'): Step => ({ do: 'hold', code, lifts })

/** What comes in from the branch that the project is linked to; null: nothing. */
function decideTracked(facts: SyncFacts): Step | null {
  const { tracked, head } = facts
  const { oid, relation, name } = tracked
  if (oid === null) return decideMissing(facts)
  if (relation === 'equal') return null
  const pull = (kind: PullKind, mergedHead: Oid | null = null): Step => {
    return { do: 'pull', from: 'tracked', kind, branch: name, theirs: oid, mergedHead }
  }
  if (head === null) return pull('first')
  if (relation === 'unknown' || tracked.isRewritten === null) return { do: 'fetch', branch: name, wanted: oid }
  if (tracked.isRewritten) {
    if (facts.mode === 'hybrid') return { do: 'switch-mode', to: 'protected_pr', reason: 'rewritten' }
    return pull('rewritten')
  }
  if (relation === 'ahead') return null
  const asked = facts.pullRequest?.baseBranch === name ? facts.pullRequest : null
  if (asked?.state === 'open' && asked.seenWith !== oid) return { do: 'read-pull-request', number: asked.number }
  if (asked?.state === 'merged' && !asked.isMergeInHead) {
    if (asked.isHeadInTracked === null) return { do: 'fetch', branch: name, wanted: oid }
    if (!asked.isHeadInTracked) return pull('restarted', asked.headOid)
  }
  return pull(pullKinds[relation])
}

const pullKinds = { behind: 'forward', diverged: 'merge', unrelated: 'unrelated' } as const satisfies Record<
  string,
  PullKind
>

/** The branch is not there: it has another name now, or is gone, or never was. */
function decideMissing({ tracked, defaultBranch, hasDefaultBranch, merged }: SyncFacts): Step | null {
  if (tracked.followsDefault && hasDefaultBranch && defaultBranch !== null && defaultBranch !== tracked.name) {
    return { do: 'follow-branch', branch: defaultBranch }
  }
  return merged === null ? null : hold('branch-deleted', 'person')
}

/** What people put on our branch while it is asked to be pulled; null: nothing. */
function decideRolling({ rolling, pullRequest, head }: SyncFacts): Step | null {
  const { oid, name, relation } = rolling
  if (head === null || oid === null || oid === rolling.pushed || rolling.isLeft) return null
  if (pullRequest?.state !== 'open' || pullRequest.headBranch !== name) return null
  switch (relation) {
    case 'unknown':
      return { do: 'fetch', branch: name, wanted: oid }
    case 'behind':
    case 'diverged':
      return { do: 'pull', from: 'rolling', kind: pullKinds[relation], branch: name, theirs: oid, mergedHead: null }
    case 'equal':
    case 'ahead':
    case 'unrelated':
      return null
  }
}

/** All of theirs is in our head, or there is no branch yet. */
function decidePush(facts: SyncFacts): Step {
  const { head, tracked, openConflicts, policy } = facts
  if (head === null) return idle('empty')
  if (tracked.relation === 'equal' && tracked.oid !== null) return idle('same')
  if (facts.isPaused) return idle('paused')
  if (tracked.oid === null) return pushDirectly(facts, head)
  if (openConflicts > 0 && policy === 'branch') return askForPull(facts, head)
  return isDirect(facts, head) ? pushDirectly(facts, head) : askForPull(facts, head)
}

function isDirect({ mode, refusal, pullRequest, needsPullRequest }: SyncFacts, head: Oid): boolean {
  switch (mode) {
    case 'direct_commit':
      return true
    case 'protected_pr':
      return false
    case 'hybrid':
      // What GitHub refused once is tried again when its rules are said to allow it, with another commit, and not while people read a pull request.
      if (refusal?.branch !== 'tracked' || !isProtection(refusal.rule)) return true
      return needsPullRequest === false && pullRequest?.state !== 'open' && refusal.head !== head
  }
}

const isProtection = (rule: RefusalRule): boolean => rule === 'protected-branch' || rule === 'repository-rules'

function pushDirectly(facts: SyncFacts, head: Oid): Step {
  const { tracked, refusal, mode } = facts
  if (refusal?.branch === 'tracked') {
    if (!isProtection(refusal.rule) || tracked.oid === null) return findGate(facts) ?? hold('push-refused', 'person')
    if (mode === 'direct_commit') return { do: 'switch-mode', to: 'protected_pr', reason: 'refused' }
  }
  return gate(facts, { do: 'push-branch', branch: tracked.name, lease: tracked.oid, to: head })
}

function askForPull(facts: SyncFacts, head: Oid): Step {
  const { tracked, rolling, refusal } = facts
  const open = findOpen(facts)
  if (tracked.isSameTree && !open) return idle('no-changes')
  if (facts.pullRequest?.state === 'closed') return findGate(facts) ?? hold('pull-request-closed', 'person')
  const push = (how: 'create' | 'append' | 'restart', branch: string, lease: Oid | null): Step => {
    if (refusal?.branch === 'rolling') return findGate(facts) ?? hold('push-refused', 'person')
    return gate(facts, { do: 'push-pull-request', how, branch, lease, to: head })
  }
  if (rolling.oid === null) return push(rolling.isLeft ? 'restart' : 'create', rolling.name, null)
  switch (rolling.relation) {
    case 'unknown':
      return { do: 'fetch', branch: rolling.name, wanted: rolling.oid }
    case 'ahead':
      return push('append', rolling.name, rolling.oid)
    case 'behind':
    case 'diverged':
    case 'unrelated':
      return push('restart', rolling.freeName, null)
    case 'equal':
      break
  }
  if (!open) {
    const replaces = findReplaced(facts)
    return { do: 'open-pull-request', head: rolling.name, base: tracked.name, of: head, replaces }
  }
  return open.describes === head ? idle('same') : { do: 'update-pull-request', number: open.number, of: head }
}

/** The pull request that asks for our branch as it is now. */
function findOpen({ pullRequest, rolling, tracked }: SyncFacts): PullRequestFacts | null {
  if (pullRequest?.state !== 'open' || pullRequest.headBranch !== rolling.name) return null
  return pullRequest.baseBranch === tracked.name ? pullRequest : null
}

/** An open pull request of a branch that we left, as after a rewrite. */
function findReplaced({ pullRequest, rolling }: SyncFacts): number | null {
  return pullRequest?.state === 'open' && pullRequest.headBranch !== rolling.name ? pullRequest.number : null
}

/** Lets a push pass when nothing keeps it here and its time has come. */
function gate(facts: SyncFacts, push: Step): Step {
  const closed = findGate(facts)
  if (closed) return closed
  return facts.nowMs < facts.pushNotBeforeMs ? { do: 'wait', untilMs: facts.pushNotBeforeMs } : push
}

/** Why nothing may be pushed now; null: it may. */
function findGate(facts: SyncFacts): Step | null {
  if (facts.held) return idle('held')
  if (facts.isArchived) return hold('archived', 'itself')
  if (facts.openSecrets > 0) return hold('secret-findings', 'itself')
  const isAside = facts.policy === 'branch' && facts.tracked.oid !== null
  if (facts.openConflicts > 0 && !isAside) return hold('open-conflicts', 'itself')
  return null
}
