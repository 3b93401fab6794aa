/** Where what is pulled comes from: GitHub, or a push to Skein, which is merged in the same way and is its pusher's doing. */
import type { pullQueries } from '@skein/db'
import { type ActorKey, SKEIN } from '@skein/protocol'

type Pulled = Pick<pullQueries.PullRow, 'detail'>

export const isPush = ({ detail }: Pulled): boolean => detail.pushedBy !== undefined

export const toPulledLink = ({ repositoryId, branch, directory }: pullQueries.PulledLink): pullQueries.PulledLink => ({
  ...{ repositoryId, branch, directory },
})

/** Whether the project is linked now to what the pull was begun for. */
export const isFrom = (link: pullQueries.PulledLink | null, pulled: pullQueries.PulledLink | undefined): boolean =>
  link !== null &&
  pulled !== undefined &&
  link.repositoryId === pulled.repositoryId &&
  link.branch === pulled.branch &&
  link.directory === pulled.directory

/** By whom texts and files are changed. */
export const actorOfPull = ({ detail }: Pulled): ActorKey => detail.pushedBy ?? SKEIN

/** What is merged, in words: `main of ana/notes`. */
export const describeSource = (pull: Pulled): string =>
  isPush(pull) ? `a push to ${pull.detail.branch}` : `${pull.detail.branch} of ${pull.detail.fullName}`
