/**
 * Requests with an Idempotency-Key: the same key and the same request are made once, however often they are sent (for a day, per person and route).
 *
 * The key is claimed in a commit of its own before anything is written, with the run that will stand beside every edit in the log. Whoever takes
 * over after a crash works under the same run and finds there what was done, so that nothing is made twice. A claim lasts longer than any
 * write takes; one that is held answers `request-in-progress`.
 */
import { createHash, randomUUID } from 'node:crypto'
import { type Database, idempotencyQueries } from '@skein/db'
import { Refusal, type UserId, type WorkspaceId } from '@skein/protocol'

export interface KeyedRequest {
  workspaceId: WorkspaceId
  userId: UserId
  /** Such as `PUT content`. */
  route: string
  /** Null: the request carries no key, and is made whenever it comes. */
  key: string | null
  /** Everything that makes it this request: what it is sent to, and what it holds. */
  content: unknown
}

export interface Answer {
  status: number
  body: unknown
}

export interface OnceAnswer extends Answer {
  /** It was made before; this is the answer that was given then. */
  isReplayed: boolean
}

/** Longer than a write takes, the wait for whoever is typing included. */
const LEASE_SECONDS = 60
/** Larger answers are not kept; the parts that `toKept` leaves are. */
const KEPT_CHARACTERS_MAX = 256 * 1024

/**
 * Runs `work` once for the request. `toKept` makes a small answer of one that is too large to keep, `fill` completes it when it is asked for again.
 * @throws Refusal idempotency-mismatch, request-in-progress, and whatever `work` refuses with
 */
export async function runOnce(
  db: Database,
  request: KeyedRequest,
  work: (attempt: { run: string; isRetry: boolean }) => Promise<Answer>,
  large: { toKept(body: unknown): unknown; fill(kept: unknown): Promise<unknown> },
): Promise<OnceAnswer> {
  const { key, workspaceId } = request
  if (key === null) return { ...(await work({ run: randomUUID(), isRetry: false })), isReplayed: false }
  const named = { ...request, key }
  const requestHash = createHash('sha256').update(JSON.stringify(request.content)).digest()
  const claimed = await db.inWorkspace(workspaceId, async (tx) => {
    await idempotencyQueries.sweepRequests(tx, workspaceId)
    const claim = { requestHash, run: randomUUID(), leaseSeconds: LEASE_SECONDS }
    return (await idempotencyQueries.claimRequest(tx, named, claim)) ?? idempotencyQueries.findRequest(tx, named)
  })
  if (!claimed) throw refuseInProgress()
  if ('requestHash' in claimed) {
    const { status, body } = toKnownAnswer(claimed, requestHash)
    return { status, body: isCut(body) ? await large.fill(body.kept) : body, isReplayed: true }
  }
  const { run, attempts } = claimed
  const inWorkspace = db.inWorkspace.bind(null, workspaceId)
  try {
    const { status, body } = await work({ run, isRetry: attempts > 1 })
    const isLarge = JSON.stringify(body).length > KEPT_CHARACTERS_MAX
    const kept = isLarge ? { isCut: true, kept: large.toKept(body) } : body
    await inWorkspace((tx) => idempotencyQueries.answerRequest(tx, run, status, kept))
    return { status, body, isReplayed: false }
  } catch (error) {
    // A refusal says that nothing was changed, and the key is free again; of anything else it is not known.
    const isUnchanged = error instanceof Refusal && error.code !== 'unavailable' && attempts === 1
    const letGo = isUnchanged ? idempotencyQueries.forgetRequest : idempotencyQueries.releaseRequest
    await inWorkspace((tx) => letGo(tx, run)).catch(() => {})
    throw error
  }
}

interface Cut {
  isCut: true
  kept: unknown
}

const isCut = (body: unknown): body is Cut => typeof body === 'object' && body !== null && 'isCut' in body

function toKnownAnswer({ requestHash, status, answer }: idempotencyQueries.KnownRequest, wanted: Buffer): Answer {
  if (!requestHash.equals(wanted)) {
    throw new Refusal(
      'idempotency-mismatch',
      'This Idempotency-Key was used for another request. Nothing was changed.',
      {
        hint: 'Take a new key for each request, and the same one only to repeat it.',
      },
    )
  }
  if (status === null) throw refuseInProgress()
  return { status, body: answer }
}

const refuseInProgress = (): Refusal =>
  new Refusal('request-in-progress', 'A request with this Idempotency-Key is still being made.', {
    hint: 'Repeat it in a moment; it is made once.',
  })
