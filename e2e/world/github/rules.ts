/** Rules of rulesets in GitHub's shape, and what GitHub prints when a push breaks one. */

export interface Rule {
  type:
    | 'pull_request'
    | 'required_status_checks'
    | 'required_signatures'
    | 'merge_queue'
    | 'non_fast_forward'
    | 'creation'
    | 'update'
    | 'deletion'
    | 'required_linear_history'
    | 'file_path_restriction'
    | 'max_file_size'
  parameters?: {
    required_status_checks?: { context: string }[]
    restricted_file_paths?: string[]
    /** In MiB. */
    max_file_size?: number
  }
}

/** What a rule may look at. */
export interface RuledPush {
  forced: boolean
  isNew: boolean
  isDeleted: boolean
  changedPaths: string[]
  newFiles: { path: string; bytes: number }[]
  hasUnsignedCommits: boolean
  hasMergeCommits: boolean
}

/** The sentences that GitHub prints for what this push breaks; none when it breaks nothing. */
export function violations(rules: readonly (string | Rule)[], push: RuledPush): string[] {
  return rules.flatMap((rule) => (typeof rule === 'string' ? [rule] : judgeRule(rule, push)))
}

function judgeRule({ type, parameters }: Rule, push: RuledPush): string[] {
  switch (type) {
    case 'pull_request':
      return ['Changes must be made through a pull request.']
    case 'required_status_checks': {
      const checks = parameters?.required_status_checks ?? []
      const [first] = checks
      if (first === undefined) return []
      if (checks.length === 1) return [`Required status check "${first.context}" is expected.`]
      return [`${checks.length} of ${checks.length} required status checks are expected.`]
    }
    case 'required_signatures':
      return push.hasUnsignedCommits ? ['Commits must have verified signatures.'] : []
    case 'merge_queue':
      return ['Changes must be made through the merge queue']
    case 'non_fast_forward':
      return push.forced && !push.isDeleted ? ['Cannot force-push to this branch'] : []
    case 'creation':
      return push.isNew ? ['Cannot create ref due to creations being restricted.'] : []
    case 'deletion':
      return push.isDeleted ? ['Cannot delete this branch'] : []
    case 'update':
      return push.isNew || push.isDeleted ? [] : ['Cannot update this protected ref.']
    case 'required_linear_history':
      return push.hasMergeCommits ? ['This branch must not contain merge commits.'] : []
    case 'file_path_restriction':
      return restrictedPaths(parameters?.restricted_file_paths ?? [], push.changedPaths)
    case 'max_file_size':
      return push.newFiles
        .filter(({ bytes }) => bytes > (parameters?.max_file_size ?? Infinity) * 1_048_576)
        .map(({ path }) => `File ${path} exceeds the maximum file size of ${parameters?.max_file_size} MB.`)
  }
}

function restrictedPaths(patterns: string[], paths: string[]): string[] {
  const hit = paths.filter((path) => patterns.some((pattern) => globToRegExp(pattern).test(path)))
  return hit.length === 0 ? [] : [`File path restrictions violated: ${hit.join(', ')}`]
}

/** Of fnmatch only what rulesets are written with: `*` within a folder, `**` through folders. */
function globToRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\?]/g, '\\$&')
    .replace(/\*\*\/?|\*/g, (stars) => (stars.startsWith('**') ? '.*' : '[^/]*'))
  return new RegExp(`^${source}$`)
}

/** A rule as the branch's endpoint lists it; of a bare sentence the type that it speaks of. */
export function presentRule(rule: string | Rule, source: string) {
  const shape: Rule = typeof rule === 'string' ? { type: typeOf(rule) } : rule
  return {
    type: shape.type,
    ...(shape.parameters === undefined ? {} : { parameters: shape.parameters }),
    ruleset_source_type: 'Repository',
    ruleset_source: source,
    ruleset_id: 42,
  }
}

function typeOf(sentence: string): Rule['type'] {
  if (/pull request/i.test(sentence)) return 'pull_request'
  if (/signature/i.test(sentence)) return 'required_signatures'
  if (/status check/i.test(sentence)) return 'required_status_checks'
  if (/merge queue/i.test(sentence)) return 'merge_queue'
  return 'update'
}
