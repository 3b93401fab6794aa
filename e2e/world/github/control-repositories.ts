/** Control calls about one repository: commits, branches, pull requests, settings. */
import { bareDirectory, git, readBranches, readRef } from './bare.ts'
import type { CommitRequest } from './commits.ts'
import type { Command } from './control.ts'
import { tellPull } from './events.ts'
import { type MergeMethod, mergePull } from './merging.ts'
import { publishMoves, publishPushes, readPushes } from './moves.ts'
import { presentPull } from './present.ts'
import { closePull, markMerged, openPull, reopenPull, whyNotReopened } from './pulls.ts'
import {
  changeDefault,
  changeRepository,
  commit,
  deleteRepository,
  makeRepository,
  moveRef,
  type NewRepository,
  renameBranch,
} from './repositories.ts'
import type { Pull, Repository, World } from './state.ts'

export const repositoryCommands: Record<string, Command> = {
  'POST repositories': (world, body) => makeRepository(world, body as NewRepository),
  'GET repositories/:id': (world, _body, id) => repositoryOf(world, id),
  'PATCH repositories/:id': async (world, body, id) => {
    const repository = repositoryOf(world, id)
    await changeRepository(world, repository, body as Partial<Repository>)
    return repository
  },
  'DELETE repositories/:id': (world, _body, id) => deleteRepository(world, repositoryOf(world, id)),
  'POST repositories/:id/commits': async (world, body, id) => {
    const repository = repositoryOf(world, id)
    const request = { branch: repository.defaultBranch, ...body } as CommitRequest
    return { oid: (await commit(world, repository, request)).after }
  },
  'GET repositories/:id/pushes': (world, _body, id) => readPushes(world, id),
  'GET repositories/:id/branches': async (world, _body, id) => Object.fromEntries(await readBranches(world, id)),
  'POST repositories/:id/ref': async (world, body, id) => ({ oid: await readRef(world, id, String(body.ref)) }),
  'PUT repositories/:id/ref': (world, body, id) =>
    moveRef(world, repositoryOf(world, id), String(body.ref), (body.oid ?? null) as string | null),
  'POST repositories/:id/rename-branch': (world, body, id) =>
    renameBranch(world, repositoryOf(world, id), String(body.from), String(body.to)),
  'PUT repositories/:id/default-branch': (world, body, id) =>
    changeDefault(world, repositoryOf(world, id), String(body.branch)),
  'POST repositories/:id/git': async (world, body, id) => ({
    output: await git(bareDirectory(world, repositoryOf(world, id).id), body.args as string[]),
  }),
  'GET repositories/:id/pulls': async (world, _body, id) => {
    const repository = repositoryOf(world, id)
    await publishPushes(world, repository)
    return repository.pulls.map((pull) => presentPull(world, repository, pull))
  },
  'POST repositories/:id/pulls': async (world, body, id) => {
    const repository = repositoryOf(world, id)
    const request = { title: 'A pull request', body: null, base: repository.defaultBranch, head: '', ...body }
    const pull = await openPull(world, repository, { ...request, author: world.person.login })
    tellPull(world, repository, { pull, action: 'opened' }, world.person.login)
    return presentPull(world, repository, pull)
  },
  'GET repositories/:id/pulls/:number/comments': (world, _body, id, number) => pullOf(world, id, number).pull.comments,
  'POST repositories/:id/pulls/:number/merge': merge,
  'POST repositories/:id/pulls/:number/close': (world, _body, id, number) => {
    const { repository, pull } = pullOf(world, id, number)
    if (pull.state === 'open') tellPull(world, repository, closePull(world, pull), world.person.login)
    return presentPull(world, repository, pull)
  },
  'POST repositories/:id/pulls/:number/reopen': async (world, _body, id, number) => {
    const { repository, pull } = pullOf(world, id, number)
    const reason = await whyNotReopened(world, repository, pull)
    if (reason !== null) throw new Error(reason)
    tellPull(world, repository, await reopenPull(world, repository, pull), world.person.login)
    return presentPull(world, repository, pull)
  },
}

function repositoryOf(world: World, id: number): Repository {
  const repository = world.repositories.get(id)
  if (repository === undefined) throw new Error(`no repository ${id}`)
  return repository
}

function pullOf(world: World, id: number, number: number): { repository: Repository; pull: Pull } {
  const repository = repositoryOf(world, id)
  const pull = repository.pulls.find((one) => one.number === number)
  if (pull === undefined) throw new Error(`no pull request ${number}`)
  return { repository, pull }
}

/** `{method?, deleteHead?}`: the button of GitHub's page, pressed by somebody who may. */
async function merge(world: World, body: Record<string, unknown>, id: number, number: number): Promise<unknown> {
  const { repository, pull } = pullOf(world, id, number)
  await publishPushes(world, repository)
  if (pull.state !== 'open') throw new Error(`pull request ${number} is ${pull.state}`)
  const before = pull.base.sha
  const oid = await mergePull(world, repository, pull, (body.method ?? 'merge') as MergeMethod)
  if (oid === null) throw new Error(`pull request ${number} conflicts`)
  // Compare and set: a push to the base that came meanwhile is not lost.
  await git(bareDirectory(world, id), ['update-ref', `refs/heads/${pull.base.ref}`, oid, before])
  tellPull(world, repository, markMerged(world, pull, oid), world.person.login)
  await publishMoves(world, repository, [{ ref: `refs/heads/${pull.base.ref}`, before, after: oid, forced: false }])
  if (body.deleteHead === true) await moveRef(world, repository, `refs/heads/${pull.head.ref}`, null)
  return presentPull(world, repository, pull)
}
