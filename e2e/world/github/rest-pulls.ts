/** Pull requests over REST, with GitHub's own refusals. */
import { type Call, type Route, requireNamedRepository, requirePermission } from './access.ts'
import { answerJson, answerPage, Refused } from './answers.ts'
import { bareDirectory, git, readBranches } from './bare.ts'
import { tellPull } from './events.ts'
import { publishPushes } from './moves.ts'
import { presentPull } from './present.ts'
import { closePull, lookWhetherMergeable, openPull, reopenPull, whyNotReopened } from './pulls.ts'
import { now, type Pull, type Repository } from './state.ts'

const pulls = String.raw`^\/repos\/([^/]+)\/([^/]+)\/pulls`

export const pullRoutes: Route[] = [
  { method: 'GET', pattern: new RegExp(`${pulls}$`), answer: listPulls },
  { method: 'POST', pattern: new RegExp(`${pulls}$`), answer: createPull },
  { method: 'GET', pattern: new RegExp(`${pulls}\\/(\\d+)$`), answer: getPull },
  { method: 'PATCH', pattern: new RegExp(`${pulls}\\/(\\d+)$`), answer: changePull },
  {
    method: 'POST',
    pattern: /^\/repos\/([^/]+)\/([^/]+)\/issues\/(\d+)\/comments$/,
    answer: commentOnPull,
  },
]

/** The repository, with its pull requests as far as every push that has been answered. */
async function requirePulls(call: Call, level: 'read' | 'write'): Promise<Repository | null> {
  const repository = requireNamedRepository(call)
  if (repository === null) return null
  requirePermission(call, 'pull_requests', level)
  if (level === 'write' && repository.archived) throw new Refused('api-archived')
  await publishPushes(call.world, repository)
  return repository
}

async function listPulls(call: Call): Promise<void> {
  const repository = await requirePulls(call, 'read')
  if (repository === null) return
  const query = call.url.searchParams
  const state = query.get('state') ?? 'open'
  // GitHub reads `owner:branch`, and takes a bare branch for no filter at all.
  const head = query.get('head')?.split(':')
  const wanted = repository.pulls.filter(
    (pull) =>
      (state === 'all' || pull.state === state) &&
      (head?.[1] === undefined || (head[0] === repository.owner && head[1] === pull.head.ref)) &&
      (query.get('base') === null || query.get('base') === pull.base.ref),
  )
  if (query.get('direction') !== 'asc') wanted.reverse()
  answerPage(call, wanted, (page) => page.map((pull) => presentPull(call.world, repository, pull, false)))
}

async function createPull(call: Call): Promise<void> {
  const repository = await requirePulls(call, 'write')
  if (repository === null) return
  const { world, body } = call
  const { title, head, base } = body
  if (typeof title !== 'string' || title === '') throw new Refused('pull-title')
  const branches = await readBranches(world, repository.id)
  const headName = String(head ?? '').replace(`${repository.owner}:`, '')
  const headOid = branches.get(headName)
  const baseOid = branches.get(String(base ?? ''))
  if (headOid === undefined) throw new Refused('pull-head')
  if (baseOid === undefined) throw new Refused('pull-base')
  const open = repository.pulls.find(
    (pull) => pull.state === 'open' && pull.head.ref === headName && pull.base.ref === base,
  )
  if (open !== undefined) throw new Refused('pull-exists', { words: [`${repository.owner}:${headName}`] })
  const directory = bareDirectory(world, repository.id)
  if ((await git(directory, ['rev-list', '-n', '1', `${baseOid}..${headOid}`])) === '')
    throw new Refused('pull-empty', { words: [String(base), headName] })
  const isRelated = await git(directory, ['merge-base', baseOid, headOid]).catch(() => '')
  if (isRelated === '') throw new Refused('pull-unrelated', { words: [headName, String(base)] })
  const author = `${world.app.slug}[bot]`
  const text = { title, body: typeof body.body === 'string' ? body.body : null }
  const pull = await openPull(world, repository, { ...text, author, head: headName, base: String(base) })
  tellPull(world, repository, { pull, action: 'opened' }, author)
  answerJson(call, 201, presentPull(world, repository, pull), { location: presentPull(world, repository, pull).url })
}

function pullOf(call: Call, repository: Repository): Pull {
  const pull = repository.pulls.find(({ number }) => number === Number(call.parts[2]))
  if (pull === undefined) throw new Refused('pull-unknown')
  return pull
}

async function getPull(call: Call): Promise<void> {
  const repository = await requirePulls(call, 'read')
  if (repository === null) return
  const pull = pullOf(call, repository)
  answerJson(call, 200, presentPull(call.world, repository, pull))
  if (pull.mergeable === null && pull.state === 'open') await lookWhetherMergeable(call.world, repository, pull)
}

async function changePull(call: Call): Promise<void> {
  const repository = await requirePulls(call, 'write')
  if (repository === null) return
  const { world, body } = call
  const pull = pullOf(call, repository)
  const sender = `${world.app.slug}[bot]`
  const changes = changeText(call, pull)
  if (body.state === 'closed' && pull.state === 'open') tellPull(world, repository, closePull(world, pull), sender)
  if (body.state === 'open' && pull.state === 'closed') {
    const reason = await whyNotReopened(world, repository, pull)
    if (reason !== null) throw new Refused('pull-state', { words: [reason] })
    tellPull(world, repository, await reopenPull(world, repository, pull), sender)
  }
  if (Object.keys(changes).length > 0) tellPull(world, repository, { pull, action: 'edited', changes }, sender)
  answerJson(call, 200, presentPull(world, repository, pull))
}

/** On GitHub every pull request is an issue too, and talked about as one. */
async function commentOnPull(call: Call): Promise<void> {
  const repository = await requirePulls(call, 'write')
  if (repository === null) return
  const { world, body } = call
  const pull = pullOf(call, repository)
  if (typeof body.body !== 'string' || body.body === '') throw new Refused('comment-body')
  const author = `${world.app.slug}[bot]`
  pull.comments.push({ author, body: body.body })
  pull.updatedAt = now(world)
  answerJson(call, 201, { id: pull.comments.length, body: body.body, user: { login: author, type: 'Bot' } })
}

/** Puts in the new title and body; what they were before. */
function changeText({ world, body }: Call, pull: Pull): Record<string, { from: string | null }> {
  const changes: Record<string, { from: string | null }> = {}
  if (typeof body.title === 'string' && body.title !== pull.title) {
    if (body.title === '') throw new Refused('pull-title')
    changes.title = { from: pull.title }
    pull.title = body.title
  }
  if (typeof body.body === 'string' && body.body !== pull.body) {
    changes.body = { from: pull.body }
    pull.body = body.body
  }
  if (Object.keys(changes).length > 0) pull.updatedAt = now(world)
  return changes
}
