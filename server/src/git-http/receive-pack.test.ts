import { once } from 'node:events'
import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import type { PushReport } from '../commands/receive/receive-push.ts'
import { encodeLine, flush } from './pkt-line.ts'
import { answerPush, encodeGreeting, type Reception } from './receive-pack.ts'
import { readBody } from './request-body.ts'

const oid = (digit: string) => digit.repeat(40)
const command = (capabilities: string) => encodeLine(`${oid('1')} ${oid('2')} refs/heads/main\0${capabilities}`)
const done: PushReport = { unpack: null, refs: [{ ref: 'refs/heads/main', refusal: null }], notes: ['Well done.'] }

/** A server that answers by `handle`; what goes wrong before an answer is told as its name. */
async function serve(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<number> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => {
      if (!response.destroyed) response.writeHead(500, { connection: 'close' }).end(error.name)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function push(body: Uint8Array, reception: Partial<Reception>, headers: Record<string, string> = {}) {
  const faults: unknown[] = []
  const onFault = (error: unknown) => faults.push(error)
  const receive: Reception['receive'] = async ({ discard, onReceived }) => {
    await discard()
    onReceived()
    return done
  }
  const port = await serve((request, response) =>
    answerPush({ packBytesMax: 1000, receive, onFault, ...reception }, request, response),
  )
  const outgoing = requestHttp(`http://127.0.0.1:${port}`, { method: 'POST', headers })
  outgoing.end(body)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, text: Buffer.concat(await answer.toArray()).toString(), faults }
}

test('RP7: the report and the words for the person, in bands, and plain for clients without', async () => {
  const banded = await push(Buffer.concat([command('report-status side-band-64k'), flush]), {})
  expect(banded.text).toBe('0010\u0002Well done.\n' + '002e\u0001000eunpack ok\n0017ok refs/heads/main\n00000000')
  const plain = await push(Buffer.concat([command('report-status'), flush]), {})
  expect(plain.text).toBe('000eunpack ok\n0017ok refs/heads/main\n0000')
  const mute = await push(Buffer.concat([command(''), flush]), {})
  expect([mute.status, mute.text]).toEqual([200, ''])
})

test('RP8: while the outcome is awaited, the answer says so in empty lines', async () => {
  const { text } = await push(Buffer.concat([command('report-status side-band-64k'), flush]), {
    keepAliveMs: 5,
    receive: async ({ onReceived }) => {
      onReceived()
      await new Promise((resolve) => setTimeout(resolve, 200))
      return done
    },
  })
  expect(text.startsWith('0005\u0001')).toBe(true)
  expect(text).toContain('0005\u00010010\u0002Well done')
})

test('RP7: what goes wrong after all has come is told as not known', async () => {
  const { text, faults } = await push(Buffer.concat([command('report-status side-band-64k'), flush]), {
    receive: async ({ onReceived }) => {
      onReceived()
      throw new Error('broken')
    },
  })
  expect(text).toContain('ng refs/heads/main something went wrong on the server')
  expect(text).toContain('Fetch in a minute')
  expect(faults).toEqual([new Error('broken')])
})

test('RP8: an empty push is let in with an empty answer; compressed bodies are read', async () => {
  expect(await push(flush, {})).toMatchObject({ status: 200, text: '' })
  const packed = gzipSync(Buffer.concat([command('report-status'), flush]))
  expect((await push(packed, {}, { 'content-encoding': 'gzip' })).text).toContain('ok refs/heads/main')
})

test('RP8: a body that is too large is not read to its end', async () => {
  const large = gzipSync(Buffer.concat([command('report-status'), flush, Buffer.alloc(8 * 1024 * 1024)]))
  const { status, text } = await push(large, {}, { 'content-encoding': 'gzip' })
  expect([status, text]).toEqual([500, 'RequestTooLargeError'])
})

test('RP8: who sends nothing more is not waited for', async () => {
  const ended = Promise.withResolvers<string>()
  const port = await serve(async (request) => {
    try {
      for await (const _ of readBody(request, { bytesMax: 1000, silenceMsMax: 30 }));
      ended.resolve('all has come')
    } catch (error) {
      ended.resolve((error as Error).name)
    }
  })
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome')
  expect(await ended.promise).toBe('RequestBrokenOffError')
  socket.destroy()
})

test('RP8: who sends a byte now and then is not waited for, however long the body may take', async () => {
  const ended = Promise.withResolvers<string>()
  const port = await serve(async (request) => {
    try {
      for await (const _ of readBody(request, { bytesMax: 1000, silenceMsMax: 60_000, patienceMs: 300 }));
      ended.resolve('all has come')
    } catch (error) {
      ended.resolve((error as Error).name)
    }
  })
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n')
  const drip = setInterval(() => socket.write('x'), 20)
  expect(await ended.promise).toBe('RequestBrokenOffError')
  clearInterval(drip)
  socket.destroy()
})

test('RP8: time in which we do not read is not the client’s', async () => {
  const port = await serve(async (request, response) => {
    let bytes = 0
    for await (const chunk of readBody(request, { bytesMax: 10_000_000, silenceMsMax: 60_000, patienceMs: 100 })) {
      // Once: as long as a turn may take that has to be waited for.
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 400))
      bytes += chunk.length
    }
    response.end(String(bytes))
  })
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: Buffer.alloc(3_000_000) })
  expect(await answer.text()).toBe('3000000')
})

test('the greeting names what may be asked, also of a repository without a commit', () => {
  const empty = encodeGreeting([]).toString()
  expect(empty).toMatch(/^001f# service=git-receive-pack\n0000[0-9a-f]{4}0{40} capabilities\^\{\}\0report-status/)
  const one = encodeGreeting([{ name: 'refs/heads/main', oid: oid('1') as never }]).toString()
  expect(one).toContain(`${oid('1')} refs/heads/main\0report-status delete-refs side-band-64k`)
  expect(one.endsWith('\n0000')).toBe(true)
})
