/**
 * A link, its project and its repository at GitHub in memory: commits as a graph, trees as sets of words. It observes and acts as the server does, so
 * that a test can say what happens and see which steps follow. What must never happen throws.
 */
import type { Oid } from '@skein/protocol'
import { decide, type PullKind, type Step } from '../decide.ts'
import { freeRollingBranch, rollingBranchName } from '../rolling-branch.ts'
import type { PullRequestFacts, RefusalRule, Relation, SyncFacts } from '../sync-facts.ts'

interface Commit {
  parents: readonly Oid[]
  tree: readonly string[]
}

/** A pull request as GitHub has it. */
interface RemoteRequest {
  number: number
  state: 'open' | 'merged' | 'closed'
  headBranch: string
  baseBranch: string
  headOid: Oid
  mergeOid: Oid | null
}

const stepsMax = 20

export class LinkModel {
  readonly commits = new Map<Oid, Commit>()
  // At GitHub.
  readonly branches = new Map<string, Oid>()
  defaultBranch: string | null = null
  readonly requests: RemoteRequest[] = []
  /** Why pushes to the tracked branch are refused. */
  refusedBy: RefusalRule | null = null
  isArchived = false
  // Here.
  head: Oid | null = null
  readonly known = new Set<Oid>()
  openConflicts = 0
  openSecrets = 0
  nextPullConflicts = 0
  mode: SyncFacts['mode'] = 'direct_commit'
  policy: SyncFacts['policy'] = 'ask'
  isPaused = false
  isByHand = false
  held: SyncFacts['held'] = null
  merged: Oid | null = null
  branch = 'main'
  followedName: string | null = 'main'
  rollingName = 'skein/notes'
  rollingPushed: Oid | null = null
  request: (RemoteRequest & { seenWith: Oid | null; describes: Oid | null }) | null = null
  refusal: SyncFacts['refusal'] = null
  needsPullRequest: boolean | null = null
  /** The words of our own commits: each is its commit's oid. */
  readonly written: Oid[] = []
  #count = 0

  /** A commit of anybody; its tree is that of its first parent with the words added. */
  commit(parents: readonly (Oid | null)[], words: readonly string[] = [], isHere = false): Oid {
    const oid = (++this.#count).toString(16).padStart(40, '0') as Oid
    const of = parents.filter((parent) => parent !== null)
    const trees = of.flatMap((parent) => this.#read(parent).tree)
    this.commits.set(oid, {
      parents: of,
      tree: [...new Set([...trees, ...words, ...(of.length < 2 && words.length === 0 ? [oid] : [])])].sort(),
    })
    if (isHere) this.known.add(oid)
    return oid
  }

  /** Somebody here types, and a snapshot is made. */
  work(): void {
    this.head = this.commit([this.head], [], true)
    this.written.push(this.head)
  }

  /** Somebody commits to a branch at GitHub. */
  workThere(branch = this.branch): void {
    const made = this.commit([this.branches.get(branch) ?? null])
    this.branches.set(branch, made)
    for (const asked of this.requests) if (asked.state === 'open' && asked.headBranch === branch) asked.headOid = made
  }

  /** Merges, squashes or rebases the open pull request; Skein is not told. */
  mergeRequest(how: 'merge' | 'squash'): void {
    const asked = this.requests.find(({ state }) => state === 'open')
    if (!asked) throw new Error('no pull request is open')
    const [base, head] = [this.branches.get(asked.baseBranch) ?? null, this.branches.get(asked.headBranch)]
    if (!head) throw new Error('the branch of the pull request is gone')
    const made = how === 'merge' ? this.commit([base, head]) : this.commit([base], this.#read(head).tree)
    this.branches.set(asked.baseBranch, made)
    Object.assign(asked, { state: 'merged', headOid: head, mergeOid: made })
  }

  closeRequest(): void {
    for (const asked of this.requests) if (asked.state === 'open') asked.state = 'closed'
    this.readRequest()
  }

  /** As after a delivery about it. */
  readRequest(): void {
    const asked = this.requests.find(({ number }) => number === this.request?.number)
    if (!asked || !this.request) return
    this.request = { ...this.request, ...asked, seenWith: this.branches.get(this.branch) ?? null }
  }

  /** A person asks for another try. */
  tryAgain(): void {
    if (this.held?.code === 'branch-deleted') this.merged = null
    if (this.held?.code === 'pull-request-closed') this.request = null
    this.held = null
    this.refusal = null
  }

  /** Steps until there is nothing left to do, the last one included; `meanwhile` is asked before each what else happens. */
  run(meanwhile: () => void = () => {}): Step[] {
    const steps: Step[] = []
    for (;;) {
      meanwhile()
      const step = decide(this.observe())
      steps.push(step)
      if (steps.length > stepsMax) throw new Error(`no end: ${JSON.stringify(steps)}`)
      if (!this.#act(step)) return steps
    }
  }

  observe(): SyncFacts {
    const oid = this.branches.get(this.branch) ?? null
    const rolling = this.branches.get(this.rollingName) ?? null
    return {
      mode: this.mode,
      policy: this.policy,
      isPaused: this.isPaused,
      isByHand: this.isByHand,
      held: this.held,
      isArchived: this.isArchived,
      openConflicts: this.openConflicts,
      openSecrets: this.openSecrets,
      head: this.head,
      merged: this.merged,
      tracked: {
        name: this.branch,
        oid,
        relation: this.#relate(oid),
        isRewritten:
          this.merged === null || oid === null ? false : this.known.has(oid) ? !this.isIn(this.merged, oid) : null,
        isSameTree: oid !== null && this.head !== null && this.isSameTree(oid, this.head),
        followsDefault: this.followedName === this.branch,
      },
      rolling: {
        name: this.rollingName,
        oid: rolling,
        relation: this.#relate(rolling),
        pushed: this.rollingPushed,
        isLeft: this.rollingPushed !== null && this.head !== null && !this.isIn(this.rollingPushed, this.head),
        freeName: freeRollingBranch(rollingBranchName('notes'), this.branches.keys()),
      },
      pullRequest: this.#observeRequest(oid),
      defaultBranch: this.defaultBranch,
      hasDefaultBranch: this.defaultBranch !== null && this.branches.has(this.defaultBranch),
      refusal: this.refusal,
      needsPullRequest: this.needsPullRequest,
      nowMs: 0,
      pushNotBeforeMs: 0,
    }
  }

  #observeRequest(tracked: Oid | null): PullRequestFacts | null {
    if (!this.request) return null
    const { headOid, mergeOid } = this.request
    return {
      ...this.request,
      isHeadInTracked: tracked !== null && this.known.has(tracked) ? this.isIn(headOid, tracked) : null,
      isMergeInHead: mergeOid !== null && this.head !== null && this.isIn(mergeOid, this.head),
    }
  }

  /** Whether the round goes on. */
  #act(step: Step): boolean {
    switch (step.do) {
      case 'nothing':
      case 'wait':
        return false
      case 'hold':
        if (step.lifts === 'person')
          this.held = { code: step.code, blocks: step.code === 'branch-deleted' ? 'all' : 'push' }
        return false
      case 'read-pull-request':
        this.readRequest()
        return true
      case 'fetch':
        this.#fetch(step.wanted)
        return true
      case 'pull':
        this.#pull(step)
        return true
      case 'follow-branch':
        this.branch = step.branch
        this.followedName = step.branch
        return true
      case 'switch-mode':
        this.mode = step.to
        return true
      case 'push-branch':
        if (this.refusedBy) this.refusal = { branch: 'tracked', rule: this.refusedBy, head: step.to }
        else {
          this.#push(step.branch, step.lease, step.to)
          this.merged = step.to
          this.refusal = null
          if (this.defaultBranch === null) this.defaultBranch = step.branch
        }
        return true
      case 'push-pull-request':
        this.#push(step.branch, step.lease, step.to)
        this.rollingName = step.branch
        this.rollingPushed = step.to
        return true
      case 'open-pull-request':
        this.#open(step)
        return true
      case 'update-pull-request':
        if (this.request) this.request.describes = step.of
        return true
    }
  }

  #pull({ kind, theirs, from }: Extract<Step, { do: 'pull' }>): void {
    this.#fetch(theirs)
    const ours = this.head
    this.head = this.#merge(kind, ours, theirs)
    this.openConflicts += this.nextPullConflicts
    this.nextPullConflicts = 0
    if (from === 'tracked') this.merged = theirs
    if (!this.isIn(theirs, this.head)) throw new Error(`${kind} left theirs out`)
  }

  #merge(kind: PullKind, ours: Oid | null, theirs: Oid): Oid {
    switch (kind) {
      case 'first':
      case 'forward':
        if (ours !== null && !this.isIn(ours, theirs)) throw new Error('forward from a head that is not theirs')
        return theirs
      case 'merge':
      case 'unrelated':
        return this.commit([ours, theirs], [], true)
      case 'rewritten':
      case 'restarted': {
        const words = ours === null ? [] : this.#read(ours).tree
        return words.every((word) => this.#read(theirs).tree.includes(word))
          ? theirs
          : this.commit([theirs], words, true)
      }
    }
  }

  /** The lease is kept by Git; that nothing is forced is our promise. */
  #push(branch: string, lease: Oid | null, to: Oid): void {
    const there = this.branches.get(branch) ?? null
    if (there !== lease) throw new Error(`${branch} is not where it was seen`)
    if (there !== null && !this.isIn(there, to)) throw new Error(`${branch} would be forced`)
    if (this.isArchived) throw new Error('pushed to an archive')
    this.branches.set(branch, to)
    for (const asked of this.requests) if (asked.state === 'open' && asked.headBranch === branch) asked.headOid = to
    if (this.request?.headBranch === branch) this.request.headOid = to
  }

  #open({ head, base, of, replaces }: Extract<Step, { do: 'open-pull-request' }>): void {
    for (const asked of this.requests) if (asked.number === replaces) asked.state = 'closed'
    const headOid = this.branches.get(head)
    if (!headOid) throw new Error('a pull request without a branch')
    let asked = this.requests.find((other) => other.state === 'open' && other.headBranch === head)
    const isThere = asked?.baseBranch === base
    if (!asked || !isThere) {
      asked = {
        number: this.requests.length + 1,
        state: 'open',
        headBranch: head,
        baseBranch: base,
        headOid,
        mergeOid: null,
      }
      this.requests.push(asked)
    }
    if (this.requests.filter(({ state }) => state === 'open').length > 1) throw new Error('two pull requests are open')
    this.request = { ...asked, seenWith: this.branches.get(base) ?? null, describes: isThere ? null : of }
  }

  #fetch(wanted: Oid): void {
    for (const oid of this.#ancestors(wanted)) this.known.add(oid)
  }

  #relate(theirs: Oid | null): Relation {
    if (this.head === null || theirs === null) return 'unknown'
    if (this.head === theirs) return 'equal'
    if (!this.known.has(theirs)) return 'unknown'
    if (this.isIn(theirs, this.head)) return 'ahead'
    if (this.isIn(this.head, theirs)) return 'behind'
    const mine = this.#ancestors(this.head)
    return [...this.#ancestors(theirs)].some((oid) => mine.has(oid)) ? 'diverged' : 'unrelated'
  }

  parentsOf(oid: Oid | undefined): readonly Oid[] {
    return oid === undefined ? [] : this.#read(oid).parents
  }

  isIn(oid: Oid, descendant: Oid): boolean {
    return this.#ancestors(descendant).has(oid)
  }

  isSameTree(a: Oid, b: Oid): boolean {
    return this.#read(a).tree.join() === this.#read(b).tree.join()
  }

  #ancestors(oid: Oid): Set<Oid> {
    const found = new Set<Oid>()
    const queue = [oid]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (found.has(next)) continue
      found.add(next)
      queue.push(...this.#read(next).parents)
    }
    return found
  }

  #read(oid: Oid): Commit {
    const commit = this.commits.get(oid)
    if (!commit) throw new Error(`no commit ${oid}`)
    return commit
  }
}

/** A step in the words of the table. */
export function writeStep(step: Step): string {
  switch (step.do) {
    case 'nothing':
      return step.because
    case 'wait':
      return 'wait'
    case 'hold':
      return `hold ${step.code}`
    case 'read-pull-request':
      return 'read'
    case 'fetch':
      return 'fetch'
    case 'pull':
      return step.from === 'rolling' ? `pull ${step.kind} of rolling` : `pull ${step.kind}`
    case 'follow-branch':
      return 'follow'
    case 'switch-mode':
      return `switch ${step.reason}`
    case 'push-branch':
      return 'push'
    case 'push-pull-request':
      return step.how
    case 'open-pull-request':
      return 'open'
    case 'update-pull-request':
      return 'text'
  }
}
