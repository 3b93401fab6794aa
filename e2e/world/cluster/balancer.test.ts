import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { freePort } from '../product.ts'
import { type Balancer, keyOf, startBalancer } from './balancer.ts'

const ends: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

/** A node that says its name, and what it was sent. */
async function startNode(port = 0): Promise<{ port: number; server: Server }> {
  const server = createServer((request, response) => {
    if (request.url === '/readyz') return void response.end('{}')
    request.setEncoding('utf8')
    let body = ''
    request.on('data', (text) => {
      body += text
    })
    request.on('end', () => {
      const { 'x-forwarded-for': from } = request.headers
      response.end(JSON.stringify({ node: (server.address() as AddressInfo).port, from, body }))
    })
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    socket.send(String((server.address() as AddressInfo).port))
    socket.on('message', (data) => socket.send(`echo ${data}`))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  ends.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return { port: (server.address() as AddressInfo).port, server }
}

async function startAll(
  keepsProjectsTogether = true,
): Promise<{ url: string; nodes: Awaited<ReturnType<typeof startNode>>[]; balancer: Balancer }> {
  const nodes = [await startNode(), await startNode(), await startNode()]
  const port = await freePort()
  const balancer = await startBalancer({ port, nodes: nodes.map((node) => node.port), keepsProjectsTogether })
  ends.push(() => balancer.close())
  return { url: `http://127.0.0.1:${port}`, nodes, balancer }
}

async function nodeOfSocket(url: string, project: string): Promise<number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/collab?project=${project}`)
  const [first] = await once(socket, 'message')
  socket.send('hello')
  const [second] = await once(socket, 'message')
  expect(String(second)).toBe('echo hello')
  socket.close()
  return Number(first)
}

const nodeOfCall = async (url: string, path: string) =>
  (await (await fetch(`${url}${path}`)).json()) as { node: number; from: string; body: string }

test('a project stays on one node, with its socket and its calls, and projects are spread over all', async () => {
  const { url } = await startAll()
  const used = new Set<number>()
  for (let n = 0; n < 20; n++) {
    const project = `project-${n}`
    const node = await nodeOfSocket(url, project)
    used.add(node)
    expect((await nodeOfCall(url, `/api/v1/projects/${project}/files`)).node).toBe(node)
  }
  expect(used.size).toBe(3)
  expect(keyOf('/w/team/notes?x=1')).toBe('/w/team/notes')
})

test('a node that dies is passed by, and gets its projects back when it returns', async () => {
  const { url, nodes } = await startAll()
  const [node] = nodes as [Awaited<ReturnType<typeof startNode>>]
  let project = ''
  for (let n = 0; project === ''; n++) if ((await nodeOfSocket(url, `p${n}`)) === node.port) project = `p${n}`
  node.server.closeAllConnections()
  node.server.close()
  const answer = await fetch(`${url}/api/v1/projects/${project}/x`, { method: 'POST', body: 'kept' })
  expect(await answer.json()).toMatchObject({
    body: 'kept',
    from: '127.0.0.1',
    node: expect.not.toBeOneOf([node.port]),
  })
  await startNode(node.port)
  await expect.poll(() => nodeOfSocket(url, project)).toBe(node.port)
})

test('on request sockets of one project go anywhere', async () => {
  const { url } = await startAll(false)
  const used = new Set<number>()
  for (let n = 0; n < 40; n++) used.add(await nodeOfSocket(url, 'one'))
  expect(used.size).toBe(3)
})
