/** The states and events of the table in SPEC.md, made with the model. Null: that cannot happen in that state. */
import { LinkModel } from './link-model.ts'

function linked(mode: LinkModel['mode']): LinkModel {
  const model = new LinkModel()
  model.work()
  model.run()
  model.work()
  model.run()
  model.mode = mode
  return model
}

function asked(mode: LinkModel['mode']): LinkModel {
  const model = linked(mode)
  if (mode === 'hybrid') model.refusedBy = 'protected-branch'
  model.work()
  model.run()
  return model
}

function inConflict(policy: LinkModel['policy']): LinkModel {
  const model = linked('direct_commit')
  model.policy = policy
  model.work()
  model.workThere()
  model.nextPullConflicts = 1
  model.run()
  return model
}

export const states: Record<string, () => LinkModel> = {
  'empty repository': () => Object.assign(new LinkModel(), { mode: 'protected_pr' }),
  'project without commits': () => {
    const model = new LinkModel()
    model.defaultBranch = 'main'
    model.workThere()
    return model
  },
  'direct, in step': () => linked('direct_commit'),
  'hybrid, in step': () => linked('hybrid'),
  'pull request, in step': () => linked('protected_pr'),
  'pull request open': () => asked('protected_pr'),
  'hybrid, pull request open': () => asked('hybrid'),
  'pull request closed': () => {
    const model = asked('protected_pr')
    model.closeRequest()
    model.run()
    return model
  },
  'conflict, ask': () => inConflict('ask'),
  'conflict, branch': () => inConflict('branch'),
  'branch deleted': () => {
    const model = linked('direct_commit')
    model.branches.clear()
    model.run()
    return model
  },
  paused: () => Object.assign(linked('direct_commit'), { isPaused: true }),
}

const isAsked = (model: LinkModel): boolean => model.requests.some(({ state }) => state === 'open')
const isThere = (model: LinkModel): boolean => model.branches.has(model.branch)

/** What happens; false: it cannot. */
export const events: Record<string, (model: LinkModel) => boolean> = {
  nothing: () => true,
  'we commit': (model) => {
    model.work()
    return true
  },
  'they commit': (model) => {
    if (!isThere(model)) return false
    model.workThere()
    return true
  },
  'both commit': (model) => {
    if (!isThere(model)) return false
    model.work()
    model.workThere()
    return true
  },
  'they force': (model) => {
    if (!isThere(model) || model.merged === null) return false
    model.branches.set(model.branch, model.commit([]))
    return true
  },
  'they rewind': (model) => {
    const [before] = model.parentsOf(model.branches.get(model.branch))
    if (!before || model.merged === null) return false
    model.branches.set(model.branch, before)
    return true
  },
  merged: (model) => {
    if (!isAsked(model)) return false
    model.mergeRequest('merge')
    return true
  },
  'merged while we commit': (model) => {
    if (!isAsked(model)) return false
    model.work()
    model.mergeRequest('merge')
    return true
  },
  squashed: (model) => {
    if (!isAsked(model)) return false
    model.mergeRequest('squash')
    return true
  },
  'squashed while we commit': (model) => {
    if (!isAsked(model)) return false
    model.work()
    model.mergeRequest('squash')
    return true
  },
  'squashed and deleted while we commit': (model) => {
    if (!isAsked(model)) return false
    model.work()
    model.mergeRequest('squash')
    return model.branches.delete(model.rollingName)
  },
  closed: (model) => {
    if (!isAsked(model)) return false
    model.closeRequest()
    return true
  },
  'rolling deleted': (model) => {
    for (const request of model.requests) {
      if (request.state === 'open' && request.headBranch === model.rollingName) request.state = 'closed'
    }
    return model.branches.delete(model.rollingName)
  },
  'they commit to rolling': (model) => {
    if (!isAsked(model)) return false
    model.workThere(model.rollingName)
    return true
  },
  'branch deleted': (model) => {
    // What was asked for has nowhere to go: GitHub closes it.
    for (const request of model.requests) {
      if (request.state === 'open' && request.baseBranch === model.branch) request.state = 'closed'
    }
    return model.branches.delete(model.branch)
  },
  'default renamed': (model) => {
    const there = model.branches.get(model.branch)
    if (!there) return false
    model.branches.delete(model.branch)
    model.branches.set('trunk', there)
    model.defaultBranch = 'trunk'
    for (const request of model.requests) if (request.baseBranch === model.branch) request.baseBranch = 'trunk'
    return true
  },
  'protected, we commit': (model) => {
    model.refusedBy = 'protected-branch'
    model.work()
    return true
  },
  'other rule, we commit': (model) => {
    model.refusedBy = 'workflows-permission'
    model.work()
    return true
  },
  'archived, we commit': (model) => {
    model.isArchived = true
    model.work()
    return true
  },
  'we commit a secret': (model) => {
    model.openSecrets = 1
    model.work()
    return true
  },
  'a person decides': (model) => {
    if (model.openConflicts === 0) return false
    model.openConflicts = 0
    model.work()
    return true
  },
  'a person tries again': (model) => {
    if (model.held === null) return false
    model.tryAgain()
    return true
  },
  'a person asks': (model) => {
    if (isThere(model)) model.workThere()
    model.isByHand = true
    return true
  },
}
