/** Where what is pulled comes from: GitHub, or a push to Skein, which is merged in the same way and is its pusher's doing. */
import type { pullQueries } from '@skein/db'
import { type ActorKey, SKEIN } from '@skein/protocol'

type Pulled = Pick<pullQueries.PullRow, 'detail'>

export const isPush = ({ detail }: Pulled): boolean => detail.pushedBy !== undefined

/** By whom texts and files are changed. */
export const actorOfPull = ({ detail }: Pulled): ActorKey => detail.pushedBy ?? SKEIN

/** What is merged, in words: `main of ana/notes`. */
export const describeSource = (pull: Pulled): string =>
  isPush(pull) ? `a push to ${pull.detail.branch}` : `${pull.detail.branch} of ${pull.detail.fullName}`
