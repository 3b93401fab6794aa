import { randomBytes } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { createProjectWorld } from './testing/project-world.ts'

const world = await createProjectWorld()
const ana = await world.owner('Ana')
const { send } = await world.program(ana.browser)
afterAll(() => {
  world.events.stop()
  expect(world.faults()).toEqual([])
})

/** The bytes of an upload and of a download; the clients of the other tests speak JSON. */
const raw = async (method: string, path: string, body?: Uint8Array | string, headers: Record<string, string> = {}) => {
  const { token } = await program
  const answer = await world.app.request(`${ana.base}/raw/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/octet-stream' }),
      ...headers,
    },
    ...(body !== undefined && { body: body as Uint8Array<ArrayBuffer> }),
  })
  const bytes = new Uint8Array(await answer.arrayBuffer())
  const isJson = answer.headers.get('content-type')?.includes('json')
  return {
    status: answer.status,
    headers: answer.headers,
    bytes,
    body: isJson ? JSON.parse(Buffer.from(bytes).toString()) : undefined,
  }
}
const program = world.program(ana.browser)
const utf8 = (text: string) => new TextEncoder().encode(text)

describe('reading a text', () => {
  test('gives its revision as ETag, and 304 for the same', async () => {
    await ana.make('a b/100% #1?.md')
    const path = `/content/${encodeURIComponent('a b')}/${encodeURIComponent('100% #1?.md')}`
    const read = await ana.call('GET', path)
    expect(read.body).toEqual({ path: 'a b/100% #1?.md', revision: expect.any(String), text: 'a b/100% #1?.md' })
    const tag = read.headers.get('etag') as string
    expect(tag).toBe(`"${read.body.revision}"`)
    expect((await ana.call('GET', path, undefined, { 'if-none-match': tag })).status).toBe(304)
  })

  test('of what is not there is 404 with the path', async () => {
    const { status, body } = await ana.call('GET', '/content/gone.md')
    expect(status).toBe(404)
    expect(body.error).toMatchObject({
      code: 'not-found',
      message: 'There is no file “gone.md” in this project.',
      details: { path: 'gone.md' },
    })
  })

  test('FT7: many at once, in order, each a text or an error', async () => {
    await ana.make('m1.md', 'm2.md')
    await raw('PUT', 'm.bin', Uint8Array.of(0, 1, 2))
    const { body } = await ana.call('POST', '/batch-read', { paths: ['m2.md', 'gone.md', 'm.bin', 'm1.md', 'm2.md'] })
    expect(body.files).toEqual([
      { path: 'm2.md', revision: expect.any(String), text: 'm2.md' },
      { path: 'gone.md', error: { code: 'not-found', message: 'There is no file “gone.md” in this project.' } },
      {
        path: 'm.bin',
        error: { code: 'not-text', message: '“m.bin” is a binary file that cannot be read or edited as text.' },
      },
      { path: 'm1.md', revision: expect.any(String), text: 'm1.md' },
      { path: 'm2.md', revision: expect.any(String), text: 'm2.md' },
    ])
    expect((await ana.call('POST', '/batch-read', { paths: [] })).status).toBe(400)
    expect((await ana.call('POST', '/batch-read', { paths: Array(501).fill('m1.md') })).status).toBe(400)
  })
})

describe('writing a text', () => {
  const put = (path: string, text: string, match?: string) =>
    ana.call('PUT', `/content/${path}`, { text }, match === undefined ? undefined : { 'if-match': match })

  test('FT9: makes a new file without If-Match, and refuses to overwrite one so', async () => {
    const made = await put('new.md', 'one\n')
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      path: 'new.md',
      revision: expect.any(String),
      text: 'one\n',
      hunks: [],
      hunkCounts: { applied: 0, rebased: 0, noop: 0, review: 0 },
    })
    expect(await put('new.md', 'two\n')).toMatchObject({
      status: 428,
      body: { error: { code: 'precondition-required' } },
    })
    expect(await put(encodeURIComponent('../new.md'), 'x')).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid-path' } },
    })
    expect(await put('gone.md', 'x', '"r"')).toMatchObject({ status: 404 })
  })

  test('FT9: with the revision that was read is an edit of what differs; a stale one is merged', async () => {
    const { body: first } = await put('edit.md', 'alpha\nbeta\n')
    const second = await put('edit.md', 'alpha\r\nbeta!\r\n', `"${first.revision}"`)
    expect(second.status).toBe(200)
    expect(second.body).toMatchObject({
      text: 'alpha\nbeta!\n',
      hunks: [{ outcome: 'applied', line: 2, removed: 0, inserted: 1 }],
    })
    expect(second.headers.get('etag')).toBe(`"${second.body.revision}"`)
    const stale = await put('edit.md', 'ALPHA\nbeta\nmine\n', first.revision)
    expect(stale).toMatchObject({ status: 200, body: { text: 'ALPHA\nbeta!\nmine\n' } })
    expect(stale.body.hunks.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['applied', 'rebased'])
    const same = await put('edit.md', 'ALPHA\nbeta!\nmine\n', stale.body.revision)
    expect(same.body).toMatchObject({ revision: stale.body.revision, hunks: [] })
    expect(await put('edit.md', 'x', 'nonsense')).toMatchObject({
      status: 409,
      body: { error: { code: 'stale-revision', details: { revision: stale.body.revision, text: stale.body.text } } },
    })
  })

  test('FT9: where somebody else was quicker the text stays, and a suggestion waits', async () => {
    const { body } = await put('race.md', 'a blue car\n')
    world.documents.beforeNextEdit = () => put('race.md', 'a green car\n', body.revision)
    const mine = await put('race.md', 'a red car\n', body.revision)
    expect(mine).toMatchObject({ status: 200, body: { text: 'a green car\n' } })
    const [hunk] = mine.body.hunks
    expect(hunk).toMatchObject({
      outcome: 'review',
      reason: 'changed',
      line: 1,
      baseText: 'blue',
      newText: 'red',
      presentText: 'green',
      changedBy: [`person:${ana.userId}`],
    })
    const { body: list } = await ana.call('GET', '/suggestions')
    expect(list.items.filter(({ path }: { path: string }) => path === 'race.md')).toMatchObject([
      {
        id: hunk.suggestionId,
        author: { id: ana.userId, name: 'Ana' },
        reason: 'changed',
        baseText: 'blue',
        presentText: 'green',
        newText: 'red',
        isCut: false,
        revision: body.revision,
        anchor: { start: expect.any(String), end: expect.any(String) },
      },
    ])
    const again = await put('race.md', 'a red car\n', body.revision)
    expect(again.body.hunks[0].suggestionId).toBe(hunk.suggestionId)
  })

  test('keeps the line ends of a file that has mixed ones', async () => {
    await ana.call('POST', '/files', { path: 'mixed.txt', content: 'a\r\nb\n' })
    const { body } = await ana.call('GET', '/content/mixed.txt')
    expect((await put('mixed.txt', 'a\r\nb\nc', body.revision)).body.text).toBe('a\r\nb\nc')
  })

  test('a viewer may read and not write; a token needs the scope', async () => {
    const { token } = (await ana.browser.post(`/api/v1/workspaces/ana/invitations`, { role: 'viewer' })).body
    const { browser } = await world.person('Vic')
    await browser.post(`/api/v1/invitations/${token}/accept`)
    expect((await browser.get(`${ana.base}/content/edit.md`)).status).toBe(200)
    const refused = await browser.request(
      'PUT',
      `${ana.base}/content/edit.md`,
      { text: 'x' },
      { headers: { 'if-match': '"x"' } },
    )
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
    const reader = await world.program(ana.browser, { scopes: ['projects:read'] })
    expect(await reader.send('GET', `${ana.base}/content/edit.md`)).toMatchObject({
      status: 403,
      body: { error: { code: 'missing-scope' } },
    })
    const writer = await world.program(ana.browser, { scopes: ['projects:read', 'docs:write'] })
    const edits = [{ oldText: 'not there', newText: 'x' }]
    // What stands there now would be in the answer.
    expect(await writer.send('POST', `${ana.base}/content/edit.md`, { edits })).toMatchObject({
      status: 403,
      body: { error: { code: 'missing-scope' } },
    })
    expect((await send('GET', `${ana.base}/content/edit.md`)).status).toBe(200)
  })
})

describe('editing a text', () => {
  const make = async (path: string, content: string) => {
    await ana.call('POST', '/files', { path, content })
    return (await ana.call('GET', `/content/${path}`)).body.revision as string
  }
  const edit = (path: string, body: unknown, headers?: Record<string, string>) =>
    ana.call('POST', `/content/${path}`, body, headers)

  test('by quotes and positions, each on what those before it left', async () => {
    const revision = await make('quotes.md', 'one two\n  three\n')
    const answer = await edit('quotes.md', {
      revision,
      edits: [
        { oldText: 'two', newText: '2\r\n2' },
        { oldText: 'three', newText: 'drei' },
        { at: 0, remove: 3, insert: 'ONE' },
      ],
    })
    expect(answer).toMatchObject({
      status: 200,
      body: { text: 'ONE 2\n2\n  drei\n', matches: ['exact', 'exact', 'position'] },
    })
    expect(answer.headers.get('etag')).toBe(`"${answer.body.revision}"`)
    expect(answer.body.hunks.flatMap(({ edits }: { edits: number[] }) => edits).sort()).toEqual([0, 1, 2])
  })

  test('a byte order mark before a text that is written stays out of it', async () => {
    const revision = await make('mark.md', 'one\n')
    const { body } = await ana.call('PUT', '/content/mark.md', { text: '\ufefftwo\n' }, { 'if-match': revision })
    expect(body.text).toBe('two\n')
  })

  test('half a character is no quote', async () => {
    const revision = await make('half.md', 'a\u{1f600}b\n')
    const answer = await edit('half.md', { revision, edits: [{ oldText: '\ud83d', newText: 'x' }] })
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid-request' } } })
    expect((await ana.call('GET', '/content/half.md')).body.text).toBe('a\u{1f600}b\n')
  })

  test('of a text that has moved on is merged with it, and says which edits wait', async () => {
    const revision = await make('stale.md', 'one\ntwo\nthree\n')
    await edit('stale.md', { revision, edits: [{ oldText: 'two', newText: 'TWO' }] })
    const answer = await edit('stale.md', {
      revision,
      edits: [
        { oldText: 'two', newText: 'zwei' },
        { oldText: 'three', newText: 'drei' },
      ],
    })
    expect(answer.body).toMatchObject({
      text: 'one\nTWO\ndrei\n',
      hunks: [
        { outcome: 'review', presentText: 'TWO', edits: [0] },
        { outcome: 'applied', edits: [1] },
      ],
    })
  })

  test('without a revision quotes are looked for in the present text; positions need one', async () => {
    await make('blind.md', 'one\n')
    const edits = [{ oldText: 'one', newText: 'two' }]
    expect((await edit('blind.md', { edits })).body.text).toBe('two\n')
    const refused = { status: 428, body: { error: { code: 'precondition-required' } } }
    expect(await edit('blind.md', { edits: [{ at: 0, remove: 0, insert: 'x' }] })).toMatchObject(refused)
    expect(await edit('blind.md', { edits }, { 'idempotency-key': 'k' })).toMatchObject(refused)
  })

  test('AE2: a quote with no place, or more than one, changes nothing and says what stands there', async () => {
    const revision = await make('places.md', 'a quick brown fox\njumps\na\nb\na\n')
    const missing = await edit('places.md', {
      revision,
      edits: [
        { oldText: 'jumps', newText: 'leaps' },
        { oldText: 'a quick red dog', newText: 'b' },
      ],
    })
    expect(missing).toMatchObject({
      status: 409,
      body: {
        error: {
          code: 'quote-not-found',
          message: 'Edit 2 of “places.md”: its oldText is not there, but its newText is. Nothing was written.',
          details: { edit: 1, nearest: { line: 1, text: 'a quick brown fox' } },
        },
      },
    })
    const ambiguous = await edit('places.md', { revision, edits: [{ oldText: '\na\n', newText: '\nx\n' }] })
    expect(ambiguous).toMatchObject({ status: 409, body: { error: { code: 'quote-ambiguous' } } })
    expect(ambiguous.body.error.details.places.map(({ line }: { line: number }) => line)).toEqual([2, 4])
    const all = await edit('places.md', { revision, edits: [{ oldText: 'a\n', newText: 'A\n', replaceAll: true }] })
    expect(all.body.text).toBe('a quick brown fox\njumps\nA\nb\nA\n')
  })

  test('is bounded: edits, quotes, waiting', async () => {
    await make('bounded.md', 'x')
    const one = { oldText: 'x', newText: 'y' }
    for (const body of [
      { edits: [] },
      { edits: Array(101).fill(one) },
      { edits: [{ ...one, oldText: 'x'.repeat(64 * 1024 + 1) }] },
      { edits: Array(5).fill({ ...one, oldText: 'x'.repeat(64 * 1024) }) },
      { edits: [one], waitMs: 5_001 },
      { edits: [{ ...one, at: 1 }] },
      { edits: [{ ...one, newText: 'nul \0' }] },
    ]) {
      expect((await edit('bounded.md', body)).status).toBe(400)
    }
  })
})

describe('a request with an Idempotency-Key', () => {
  const put = (path: string, text: string, key: string, match?: string) =>
    ana.call('PUT', `/content/${path}`, { text }, { 'idempotency-key': key, ...(match && { 'if-match': match }) })

  test('FT10: is made once, and answered alike however often it comes', async () => {
    const made = await put('keyed.md', 'one\n', 'key-1')
    const again = await put('keyed.md', 'one\n', 'key-1')
    expect([made.status, again.status]).toEqual([201, 201])
    expect(again.body).toEqual(made.body)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    const body = { revision: made.body.revision, edits: [{ oldText: 'one', newText: 'one one' }] }
    const edits = await Promise.all(
      [1, 2, 3].map(() => ana.call('POST', '/content/keyed.md', body, { 'idempotency-key': 'key-2' })),
    )
    expect(edits.map(({ status }) => status).filter((status) => status !== 200 && status !== 409)).toEqual([])
    expect((await ana.call('POST', '/content/keyed.md', body, { 'idempotency-key': 'key-2' })).status).toBe(200)
    expect((await ana.call('GET', '/content/keyed.md')).body.text).toBe('one one\n')
  })

  test('that is another request is refused with a sentence', async () => {
    const { body } = await put('other.md', 'one\n', 'key-3')
    for (const answer of [
      await put('other.md', 'two\n', 'key-3'),
      await put('another.md', 'one\n', 'key-3'),
      await put('other.md', 'one\n', 'key-3', body.revision),
    ]) {
      expect(answer).toMatchObject({
        status: 422,
        body: {
          error: {
            code: 'idempotency-mismatch',
            message: 'This Idempotency-Key was used for another request. Nothing was changed.',
          },
        },
      })
    }
  })

  test('is free again after a refusal, and of nobody else', async () => {
    expect((await put('refused.md', 'x', 'key-4', 'nonsense')).status).toBe(404)
    expect((await put('refused.md', 'y', 'key-4')).status).toBe(201)
    const { token } = (await ana.browser.post(`/api/v1/workspaces/ana/invitations`, { role: 'editor' })).body
    const { browser } = await world.person('Edi')
    await browser.post(`/api/v1/invitations/${token}/accept`)
    const headers = { 'idempotency-key': 'key-4' }
    const answer = await browser.request('PUT', `${ana.base}/content/edis.md`, { text: 'z' }, { headers })
    expect(answer.status).toBe(201)
  })

  test('FT10, AE6: after a crash between the write and its record the next try finds what was done', async () => {
    const { body } = await put('crash.md', 'one\ntwo\n', 'key-5')
    const crash = () =>
      world.ask(
        `update idempotency_key set status = null, answer = null, claimed_until = now() - interval '1 s' where key = any($1)`,
        [['key-5', 'key-6']],
      )
    const first = await put('crash.md', 'one\none\ntwo\ntwo\n', 'key-6', body.revision)
    expect(first.body.text).toBe('one\none\ntwo\ntwo\n')
    await crash()
    const second = await put('crash.md', 'one\none\ntwo\ntwo\n', 'key-6', body.revision)
    expect(second.body).toEqual(first.body)
    expect((await put('crash.md', 'one\ntwo\n', 'key-5')).status).toBe(201)
    expect((await ana.call('GET', '/content/crash.md')).body.text).toBe('one\none\ntwo\ntwo\n')
  })

  test('while the first is still being made is told to come again; a day later the key is forgotten', async () => {
    await put('slow.md', 'one\n', 'key-7')
    const claim = (set: string) => world.ask(`update idempotency_key set ${set} where key = 'key-7'`)
    await claim(`status = null, claimed_until = now() + interval '1 minute'`)
    expect(await put('slow.md', 'one\n', 'key-7')).toMatchObject({
      status: 409,
      body: { error: { code: 'request-in-progress' } },
    })
    await claim(`status = 201, created_at = now() - interval '25 hours'`)
    expect((await put('later.md', 'one\n', 'key-7')).status).toBe(201)
  })

  test('keeps no large answers: the text of now stands in them when they are asked for again', async () => {
    const text = `${'a line of text\n'.repeat(40_000)}`
    const made = await put('large.md', text, 'key-8')
    expect(made.status).toBe(201)
    const [row] = await world.ask<{ bytes: number }>(
      `select octet_length(answer::text) as bytes from idempotency_key where key = 'key-8'`,
    )
    expect(row?.bytes).toBeLessThan(1_000)
    expect((await put('large.md', text, 'key-8')).body).toEqual(made.body)
  })
})

describe('bytes of files', () => {
  test('FT6: an upload becomes a live text or a binary file by what it holds, and comes back byte for byte', async () => {
    const text = utf8('\uFEFFé\r\n')
    const made = await raw('PUT', 'up/text.md', text)
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ kind: 'text', eol: 'crlf', bom: true, bytes: text.length })
    expect((await raw('GET', 'up/text.md')).bytes).toEqual(text)

    const binary = new Uint8Array(randomBytes(300_000))
    expect((await raw('PUT', 'up/picture.png', binary)).body).toMatchObject({
      kind: 'binary',
      bytes: 300_000,
      documentId: null,
    })
    const down = await raw('GET', 'up/picture.png')
    expect(down.bytes).toEqual(binary)
    expect(Object.fromEntries(down.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `attachment; filename="picture.png"; filename*=UTF-8''picture.png`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    })
    expect(
      (await raw('GET', 'up/picture.png', undefined, { 'if-none-match': down.headers.get('etag') as string })).status,
    ).toBe(304)
  })

  test('FT8: a page is never handed out as one', async () => {
    await raw('PUT', 'a "b";é.html', utf8('<script>alert(1)</script>'))
    const { headers } = await raw('GET', encodeURIComponent('a "b";é.html'))
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="a _b_;_.html"; filename*=UTF-8''a%20%22b%22%3B%C3%A9.html`,
    )
  })

  test('asking for the headers alone costs no room and leaves nothing open', async () => {
    await raw('PUT', 'head.bin', new Uint8Array(2_000_000))
    for (let n = 0; n < 200; n++) {
      const { status, bytes } = await raw('HEAD', 'head.bin')
      expect([status, bytes.length]).toEqual([200, 0])
    }
    expect((await raw('GET', 'head.bin')).bytes.length).toBe(2_000_000)
  })

  test('FT6: a second upload replaces a binary file by a new blob, or by a text when it is one', async () => {
    const { body: file } = await raw('PUT', 'replace.dat', Uint8Array.of(0, 1))
    expect(await raw('PUT', 'replace.dat', Uint8Array.of(0, 9), { 'if-none-match': '*' })).toMatchObject({
      status: 409,
      body: { error: { code: 'path-taken' } },
    })
    const again = await raw('PUT', 'replace.dat', Uint8Array.of(0, 2, 3))
    expect(again.status).toBe(200)
    expect(again.body).toEqual({ ...file, bytes: 3 })
    expect((await raw('GET', 'replace.dat')).bytes).toEqual(Uint8Array.of(0, 2, 3))
    const text = await raw('PUT', 'replace.dat', utf8('now text\n'))
    expect(text.body).toMatchObject({ id: file.id, kind: 'text', documentId: expect.any(String) })
    expect((await ana.call('GET', '/content/replace.dat')).body.text).toBe('now text\n')
  })

  test('replacing a text edits it live, keeps its document, and takes its new line ends', async () => {
    const { body: file } = await raw('PUT', 'live.md', utf8('a\nb\nc\n'))
    const again = await raw('PUT', 'live.md', utf8('a\r\nB\r\nc\r\n'))
    expect(again.body).toMatchObject({ id: file.id, documentId: file.documentId, eol: 'crlf' })
    expect((await ana.call('GET', '/content/live.md')).body.text).toBe('a\nB\nc\n')
    expect((await raw('GET', 'live.md')).bytes).toEqual(utf8('a\r\nB\r\nc\r\n'))
    world.documents.beforeNextEdit = async () => {
      const { body } = await ana.call('GET', '/content/live.md')
      await ana.call('PUT', '/content/live.md', { text: 'typed meanwhile' }, { 'if-match': body.revision })
    }
    expect((await raw('PUT', 'live.md', utf8('a\r\n'))).status).toBe(200)
    expect((await raw('GET', 'live.md')).bytes).toEqual(utf8('a\r\n'))
  })

  test('FT6: a text that people edit is not replaced by bytes that are none, nor a link by anything', async () => {
    await ana.make('keep.md')
    expect(await raw('PUT', 'keep.md', Uint8Array.of(0xff, 0xfe, 0))).toMatchObject({
      status: 409,
      body: { error: { code: 'not-text' } },
    })
    await ana.call('POST', '/files', { path: 'sym', kind: 'symlink', content: 'keep.md' })
    expect(await raw('PUT', 'sym', utf8('x'))).toMatchObject({ status: 409, body: { error: { code: 'not-text' } } })
    expect((await raw('GET', 'keep.md')).bytes).toEqual(utf8('keep.md'))
  })

  test('content that only a commit holds comes from the Git store', async () => {
    const { body: file } = await raw('PUT', 'committed.bin', Uint8Array.of(0, 9))
    const oid = 'a'.repeat(40)
    world.committed.set(oid, Uint8Array.of(0, 9))
    await world.ask('update file set blob_sha256 = null, committed_oid = $2 where id = $1', [file.id, oid])
    expect((await raw('GET', 'committed.bin')).bytes).toEqual(Uint8Array.of(0, 9))
  })

  test('FT7: above 4 MiB even text is binary; above 100 MiB nothing is taken', async () => {
    const large = new Uint8Array(4 * 1024 * 1024 + 1).fill(97)
    expect((await raw('PUT', 'large.txt', large)).body).toMatchObject({ kind: 'binary' })
    const refused = await raw('PUT', 'huge.bin', 'x', { 'content-length': String(100 * 1024 * 1024 + 1) })
    expect(refused).toMatchObject({
      status: 413,
      body: { error: { code: 'file-too-large', message: 'The file is larger than 100 MiB.' } },
    })
  })
})

test('the description of the API names every route, with paths that OpenAPI knows', async () => {
  const { body } = await ana.browser.get('/api/openapi.json')
  expect(Object.keys(body.paths)).toContain('/api/v1/projects/{project}/content/{path}')
  expect(JSON.stringify(body.paths)).not.toContain('{.+}')
  const { put, post } = body.paths['/api/v1/projects/{project}/content/{path}']
  for (const { parameters, responses } of [put, post]) {
    expect(parameters.map(({ name }: { name: string }) => name)).toContain('idempotency-key')
    expect(JSON.stringify(responses[200])).toMatch(
      /suggestionId.*Line of the text that was read|Line of the text that was read.*suggestionId/,
    )
  }
})
