/**
 * The two requests of a push, spoken by ourselves: what is offered, what is taken, and a report that is true. Git's own `receive-pack` would move
 * refs on a disk that is only a cache, and answer before the branch has moved in the database.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Oid } from '@skein/protocol'
import type { PushCommand } from '../commands/receive/push-commands.ts'
import type { Push, PushReport } from '../commands/receive/receive-push.ts'
import { encodeBand, encodeLine, flush } from './pkt-line.ts'
import { readPush } from './push-request.ts'
import { readBody } from './request-body.ts'

/** Commands and pack; the pack has its own, smaller bound. */
const bodySlackBytes = 2 * 1024 * 1024
const silenceMsMax = 60_000
/** Proxies and clients give up on answers that say nothing for a minute. */
const keepAliveMsMax = 5_000
const noOid = '0'.repeat(40)
// `no-thin`: what a pack leans on would be added to it from all that lies here, also from what the pusher may not have.
const capabilities = 'report-status delete-refs side-band-64k quiet ofs-delta no-thin object-format=sha1 agent=skein'

export interface OfferedRef {
  name: string
  oid: Oid
}

/** The greeting of a push: the refs that a client may see, and what may be asked. */
export function encodeGreeting(refs: readonly OfferedRef[]): Buffer {
  const lines = refs.map(({ name, oid }, at) => encodeLine(`${oid} ${name}${at === 0 ? `\0${capabilities}` : ''}\n`))
  if (lines.length === 0) lines.push(encodeLine(`${noOid} capabilities^{}\0${capabilities}\n`))
  return Buffer.concat([encodeLine('# service=git-receive-pack\n'), flush, ...lines, flush])
}

export interface Reception {
  /** Most bytes of the pack. */
  packBytesMax: number
  receive(push: Push): Promise<PushReport>
  /** Something went wrong of ours after the push had come. */
  onFault(error: unknown): void
  /** How often the answer says that it is still awaited; default five seconds. */
  keepAliveMs?: number
}

/** Takes a push and answers it; throws before anything was answered when it cannot be taken. */
export async function answerPush(
  { packBytesMax, receive, onFault, keepAliveMs = keepAliveMsMax }: Reception,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  const onClose = () => gone.abort(new Error('the client has gone'))
  response.once('close', onClose)
  const limits = { bytesMax: packBytesMax + bodySlackBytes, silenceMsMax }
  const { commands, capabilities: asked, pack } = await readPush(readBody(request, limits))
  const head = { 'Content-Type': 'application/x-git-receive-pack-result', 'Cache-Control': 'no-cache' }
  // Before a large push Git asks with an empty one whether it is let in.
  if (commands.length === 0) {
    response.writeHead(200, head).end()
    return
  }
  const isBanded = asked.has('side-band-64k')
  let timer: NodeJS.Timeout | undefined
  try {
    const report = await receive({
      commands,
      send: (target) => pack.sendTo(target),
      discard: () => pack.discard(),
      onReceived: () => {
        response.off('close', onClose)
        response.writeHead(200, head)
        if (!isBanded) return
        timer = setInterval(() => response.write(encodeLine(Buffer.from([1]))), keepAliveMs)
      },
      signal: gone.signal,
    })
    response.end(encodeAnswer(report, asked, isBanded))
  } catch (error) {
    if (!response.headersSent) throw error
    onFault(error)
    response.end(encodeAnswer(describeFault(commands), asked, isBanded))
  } finally {
    clearInterval(timer)
    response.off('close', onClose)
  }
}

/** What has come may have been kept before it went wrong, and is merged then. */
const describeFault = (commands: readonly PushCommand[]): PushReport => ({
  unpack: null,
  refs: commands.map(({ ref }) => ({ ref, refusal: 'something went wrong on the server' })),
  notes: ['Something went wrong on the server. Fetch in a minute to see whether your commits have arrived.'],
})

function encodeAnswer(report: PushReport, asked: ReadonlySet<string>, isBanded: boolean): Buffer {
  const status = asked.has('report-status') ? encodeReport(report) : Buffer.alloc(0)
  if (!isBanded) return status
  const words = report.notes.map((note) => `${note}\n`).join('')
  return Buffer.concat([encodeBand(2, Buffer.from(words)), encodeBand(1, status), flush])
}

function encodeReport({ unpack, refs }: PushReport): Buffer {
  const lines = refs.map(({ ref, refusal }) => (refusal === null ? `ok ${ref}` : `ng ${ref} ${oneLine(refusal)}`))
  const all = [`unpack ${unpack === null ? 'ok' : oneLine(unpack)}`, ...lines]
  return Buffer.concat([...all.map((line) => encodeLine(`${line}\n`)), flush])
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
