/** What GitHub's merge button does with a pull request, with Git's own merges: a merge commit, one squashed commit, or each commit anew. */
import { bareDirectory, git, mergeTrees } from './bare.ts'
import { now, type Pull, type Repository, type World } from './state.ts'

export type MergeMethod = 'merge' | 'squash' | 'rebase'

/** The commit that the base branch is to stand at, or null when the two conflict. */
export async function mergePull(
  world: World,
  repository: Repository,
  pull: Pull,
  method: MergeMethod,
): Promise<string | null> {
  const directory = bareDirectory(world, repository.id)
  if (method === 'rebase') return rebase(world, directory, pull)
  const tree = await mergeTrees(directory, pull.base.sha, pull.head.sha)
  if (tree === null) return null
  if (method === 'merge') {
    const from = `${repository.owner}/${pull.head.ref}`
    const message = `Merge pull request #${pull.number} from ${from}\n\n${pull.title}\n`
    return commitTree(world, directory, tree, [pull.base.sha, pull.head.sha], message)
  }
  const message = `${pull.title} (#${pull.number})\n\n${await squashedBody(directory, pull)}`
  return commitTree(world, directory, tree, [pull.base.sha], message)
}

/** The squashed commit lists the messages and names the other authors, as GitHub proposes it. */
async function squashedBody(directory: string, pull: Pull): Promise<string> {
  const range = `${pull.base.sha}..${pull.head.sha}`
  const bodies = await git(directory, ['log', '--reverse', '--no-merges', '--format=* %s%n', range])
  const authors = await git(directory, ['log', '--reverse', '--no-merges', '--format=%an <%ae>', range])
  const names = [...new Set(authors.split('\n'))].filter((name) => name !== '')
  return `${bodies}\n\n${names.map((name) => `Co-authored-by: ${name}\n`).join('')}`
}

/** GitHub makes every commit anew, also where it would not have to. Merges of the branch are left out, as `git rebase` does. */
async function rebase(world: World, directory: string, pull: Pull): Promise<string | null> {
  const range = `${pull.base.sha}..${pull.head.sha}`
  const listed = await git(directory, ['rev-list', '--reverse', '--topo-order', '--no-merges', range])
  let onto = pull.base.sha
  for (const oid of listed.split('\n').filter((line) => line !== '')) {
    const tree = await pick(world, directory, oid, onto)
    if (tree === null) return null
    const [author = '', email = '', at = ''] = (
      await git(directory, ['show', '-s', '--format=%an%n%ae%n%at +0000', oid])
    ).split('\n')
    const message = await git(directory, ['show', '-s', '--format=%B', oid])
    const env = { GIT_AUTHOR_NAME: author, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: at }
    onto = await commitTree(world, directory, tree, [onto], `${message}\n`, env)
  }
  return onto
}

/** What `oid` changed, on top of `onto`. Git 2.39 takes no base of its own for a merge of trees: two commits over the same one stand for it. */
async function pick(world: World, directory: string, oid: string, onto: string): Promise<string | null> {
  const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
  const tree = async (revision: string) => git(directory, ['rev-parse', `${revision}^{tree}`])
  const parent = await tree(`${oid}^`).catch(async () => {
    await git(directory, ['hash-object', '-t', 'tree', '-w', '--stdin'])
    return emptyTree
  })
  const base = await commitTree(world, directory, parent, [], 'base\n')
  const ours = await commitTree(world, directory, await tree(onto), [base], 'ours\n')
  const theirs = await commitTree(world, directory, await tree(oid), [base], 'theirs\n')
  return mergeTrees(directory, ours, theirs)
}

async function commitTree(
  world: World,
  directory: string,
  tree: string,
  parents: string[],
  message: string,
  env: Record<string, string> = {},
): Promise<string> {
  const date = `${Math.floor(now(world) / 1000)} +0000`
  const committer = {
    GIT_COMMITTER_NAME: 'GitHub',
    GIT_COMMITTER_EMAIL: 'noreply@github.com',
    GIT_COMMITTER_DATE: date,
  }
  const author = { GIT_AUTHOR_DATE: date, ...env }
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])]
  return git(directory, args, { input: message, env: { ...committer, ...author } })
}
