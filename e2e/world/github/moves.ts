/** What GitHub does when branches and tags have moved: pull requests follow, and webhooks are told. One repository's moves stay in order. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bareDirectory, type PushRecord } from './bare.ts'
import type { RefMove } from './commits.ts'
import { tellMove, tellPull } from './events.ts'
import { followMoves } from './pulls.ts'
import type { Repository, World } from './state.ts'

/** The end of what is being published, and how many pushes have been, by repository. */
const queues = new Map<number, { end: Promise<void>; pushesTold: number }>()

/** Every push that moved something in this repository, oldest first. */
export async function readPushes(world: World, repositoryId: number): Promise<PushRecord[]> {
  const text = await readFile(join(bareDirectory(world, repositoryId), 'pushes.jsonl'), 'utf8').catch(() => '')
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as PushRecord)
}

function inOrder(repository: Repository, work: (queue: { pushesTold: number }) => Promise<void>): Promise<void> {
  const queue = queues.get(repository.id) ?? { end: Promise.resolve(), pushesTold: 0 }
  queues.set(repository.id, queue)
  queue.end = queue.end.catch(() => {}).then(() => work(queue))
  return queue.end
}

/** Publishes pushes that the hook has written down since the last time. */
export function publishPushes(world: World, repository: Repository): Promise<void> {
  return inOrder(repository, async (queue) => {
    const pushes = (await readPushes(world, repository.id)).slice(queue.pushesTold)
    for (const push of pushes) {
      queue.pushesTold += 1
      await publish(world, repository, [push], `${world.app.slug}[bot]`)
    }
  })
}

/** Publishes what a person did on GitHub's own pages. */
export async function publishMoves(world: World, repository: Repository, moves: readonly RefMove[]): Promise<void> {
  await publishPushes(world, repository)
  await inOrder(repository, () => publish(world, repository, moves, world.person.login))
}

async function publish(world: World, repository: Repository, moves: readonly RefMove[], sender: string): Promise<void> {
  const events = await followMoves(world, repository, moves)
  // GitHub tells nothing of a push with more than three tags at once.
  const tags = moves.filter(({ ref }) => ref.startsWith('refs/tags/')).length
  for (const move of moves)
    if (tags <= 3 || !move.ref.startsWith('refs/tags/')) await tellMove(world, repository, move, sender)
  for (const event of events) tellPull(world, repository, event, sender)
}
