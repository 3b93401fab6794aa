import { FileList } from '@skein/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import { createProjectWorld } from './testing/project-world.ts'

const world = await createProjectWorld()
const ana = await world.owner('Ana')
afterAll(() => {
  world.events.stop()
  expect(world.faults()).toEqual([])
})

const refusal = (status: number, code: string, message?: string) => ({
  status,
  body: { error: { code, ...(message && { message }) } },
})

describe('the list of files', () => {
  test('is ordered by path, and answers 304 until the tree changes', async () => {
    const bo = await world.owner('Bo')
    await bo.make('b.md', 'a/z.md', 'B.txt')
    const list = await bo.call('GET', '/files')
    expect(list.body.items.map(({ path }: { path: string }) => path)).toEqual(['B.txt', 'a/z.md', 'b.md'])
    expect(list.body.items[0]).toMatchObject({ kind: 'text', mode: '100644', bytes: 5, eol: 'lf', bom: false })
    expect(FileList.parse(list.body)).toEqual(list.body)
    const tag = list.headers.get('etag') as string
    const again = await bo.call('GET', '/files', undefined, { 'if-none-match': tag })
    expect(again.status).toBe(304)
    expect(again.body).toBe('')
    await bo.make('c.md')
    const changed = await bo.call('GET', '/files', undefined, { 'if-none-match': tag })
    expect(changed.status).toBe(200)
    expect(changed.body.treeVersion).toBe(list.body.treeVersion + 1)
  })
})

test('the list shows a file as the answer to making it did, whatever its name and kind', async () => {
  const ki = await world.owner('Ki')
  expect((await ki.call('GET', '/files')).body.items).toEqual([])
  const inputs = [
    { path: 'a "quoted" name \u{1F9F6}.md', content: '\uFEFFa\r\n', executable: true },
    { path: 'b', kind: 'symlink', content: 'a' },
    { path: "c'{}", content: 'a\nb\r\n' },
  ]
  const made = []
  for (const input of inputs) made.push((await ki.call('POST', '/files', input)).body)
  expect(made.map(({ kind }) => kind)).toEqual(['text', 'symlink', 'text'])
  expect((await ki.call('GET', '/files')).body.items).toEqual(made)
})

describe('making a file', () => {
  test.each([
    ['../escape.md', 'invalid-path', 'path-dot-segment'],
    ['/absolute.md', 'invalid-path', 'path-absolute'],
    ['.git/config', 'invalid-path', 'path-git-directory'],
    ['.GIT/config', 'invalid-path', 'path-git-directory'],
    ['git~1/config', 'invalid-path', 'path-git-directory'],
    ['a\u0007b.md', 'invalid-path', 'path-control-character'],
    [`${'x'.repeat(256)}.md`, 'invalid-path', 'path-segment-too-long'],
    ['a//b.md', 'invalid-path', 'path-empty-segment'],
    ['end. ', 'invalid-path', 'path-trailing-dot-or-space'],
  ])('FT2: %j is refused', async (path, code, rule) => {
    const answer = await ana.call('POST', '/files', { path })
    expect(answer).toMatchObject(refusal(400, code))
    expect(answer.body.error.details.rule).toBe(rule)
    expect(answer.body.error.message).toMatch(/\.$/)
  })

  test('FT3: a taken path, a twin of a file or folder, and a file inside a file are refused, each in words', async () => {
    await ana.make('notes/Été.md', 'readme.md')
    const make = (path: string) => ana.call('POST', '/files', { path })
    expect(await make('readme.md')).toMatchObject(
      refusal(409, 'path-taken', 'There is already a file named “readme.md”.'),
    )
    expect(await make('README.md')).toMatchObject(
      refusal(
        409,
        'path-twin',
        '“README.md” and “readme.md” differ only in letter case or accents, and many computers can keep only one of them.',
      ),
    )
    expect(await make('notes/E\u0301te\u0301.md')).toMatchObject(refusal(409, 'path-twin'))
    expect(await make('Notes/other.md')).toMatchObject({
      status: 409,
      body: { error: { code: 'path-twin', details: { path: 'Notes', twin: 'notes' } } },
    })
    expect(await make('readme.md/inside.md')).toMatchObject(
      refusal(409, 'path-is-folder', '“readme.md” is a file, so “readme.md/inside.md” cannot lie in it.'),
    )
    expect(await make('notes')).toMatchObject(
      refusal(409, 'path-is-folder', 'There is already a folder named “notes”.'),
    )
    expect(await make('NOTES')).toMatchObject(refusal(409, 'path-is-folder'))
    expect((await make('notes-2/x.md')).status).toBe(201)
  })

  test('FT6: line ends and byte order mark of its text become its own', async () => {
    const crlf = await ana.call('POST', '/files', { path: 'crlf.txt', content: '\uFEFFa\r\nb\r\n' })
    expect(crlf.body).toMatchObject({ eol: 'crlf', bom: true, bytes: 9 })
    expect((await ana.call('GET', '/content/crlf.txt')).body.text).toBe('a\nb\n')
    const mixed = await ana.call('POST', '/files', { path: 'mixed.txt', content: 'a\r\nb\n' })
    expect(mixed.body).toMatchObject({ eol: 'mixed', bom: false })
    expect((await ana.call('GET', '/content/mixed.txt')).body.text).toBe('a\r\nb\n')
  })

  test('FT7: too much text, half characters and NUL are refused', async () => {
    const make = (content: string) => ana.call('POST', '/files', { path: 'odd.txt', content })
    expect(await make('x'.repeat(4 * 1024 * 1024 + 1))).toMatchObject(refusal(413, 'file-too-large'))
    expect((await make('é'.repeat(2 * 1024 * 1024 + 1))).body.error.message).toBe(
      '“odd.txt” would hold 4 MiB of text; the limit is 4 MiB.',
    )
    expect(await make('a\ud800')).toMatchObject(refusal(400, 'invalid-request'))
    expect(await make('a\0b')).toMatchObject(refusal(400, 'invalid-request'))
    expect((await make('x'.repeat(4 * 1024 * 1024))).status).toBe(201)
  })

  test('a symbolic link is kept and not followed', async () => {
    const { body } = await ana.call('POST', '/files', { path: 'link', kind: 'symlink', content: 'readme.md' })
    expect(body).toMatchObject({ kind: 'symlink', mode: '120000', bytes: 9, documentId: null })
    expect((await ana.call('GET', '/raw/link')).body).toBe('readme.md')
    expect(await ana.call('GET', '/content/link')).toMatchObject(refusal(409, 'not-text'))
    expect(await ana.call('POST', '/files', { path: 'nowhere', kind: 'symlink' })).toMatchObject(
      refusal(400, 'invalid-request'),
    )
  })

  test('FT1: marks the next snapshot and tells the project, in one transaction', async () => {
    const [file] = await ana.make('told.md')
    expect(await world.ask('select file_id from dirty_file where file_id = $1', [file.id])).toHaveLength(1)
    const [event] = await world.ask<{ type: string; data: { files: unknown[]; by: unknown } }>(
      'select type, data from event where project_id = $1 order by seq desc limit 1',
      [ana.project.id],
    )
    expect(event).toMatchObject({
      type: 'files-changed',
      data: { files: [{ id: file.id, path: 'told.md' }], by: { name: 'Ana' } },
    })
  })

  test('FT3: of those who make twins at the same moment one is refused', async () => {
    const answers = await Promise.all(
      ['Twin.md', 'twin.md', 'TWIN.md', 'twin.md/x', 'twin.md'].map((path) => ana.call('POST', '/files', { path })),
    )
    const codes = answers.map(({ status }) => status).sort()
    expect(codes).toEqual([201, 409, 409, 409, 409])
  })
})

describe('renaming and moving', () => {
  test('FT4: a file keeps its id and document, also when only its letter case changes', async () => {
    const [file] = await ana.make('draft.md')
    const renamed = await ana.call('PATCH', `/files/${file.id}`, { path: 'Draft.md' })
    expect(renamed.body).toEqual({ ...file, path: 'Draft.md' })
    const moved = await ana.call('PATCH', `/files/${file.id}`, { path: 'deep/er/draft.md', executable: true })
    expect(moved.body).toEqual({ ...file, path: 'deep/er/draft.md', mode: '100755' })
    expect((await ana.call('GET', '/content/deep/er/draft.md')).body.text).toBe('draft.md')
    expect(await ana.call('GET', '/content/Draft.md')).toMatchObject(refusal(404, 'not-found'))
    const [row] = await world.ask('select version::int from file where id = $1', [file.id])
    expect(row).toEqual({ version: 4 })
  })

  test('FT3: onto another file, or to a name that may not be, is refused and changes nothing', async () => {
    const [file] = await ana.make('one.md', 'two.md')
    const before = await ana.paths()
    const rename = (path: string) => ana.call('PATCH', `/files/${file.id}`, { path })
    expect(await rename('two.md')).toMatchObject(refusal(409, 'path-taken'))
    expect(await rename('TWO.md')).toMatchObject(refusal(409, 'path-twin'))
    expect(await rename('a/../b')).toMatchObject(refusal(400, 'invalid-path'))
    expect(await ana.paths()).toEqual(before)
  })

  test('FT4: a folder moves with everything in it, in one event', async () => {
    const cy = await world.owner('Cy')
    await cy.make('src/a.ts', 'src/lib/b.ts', 'src2/c.ts', 'top.md')
    const moved = await cy.call('POST', '/folders/move', { from: 'src', to: 'code/main' })
    expect(moved.body.items.map(({ path }: { path: string }) => path).sort()).toEqual([
      'code/main/a.ts',
      'code/main/lib/b.ts',
    ])
    expect(await cy.paths()).toEqual(['code/main/a.ts', 'code/main/lib/b.ts', 'src2/c.ts', 'top.md'])
    expect((await cy.call('POST', '/folders/move', { from: 'code/main', to: 'code/Main' })).status).toBe(200)
    const move = (from: string, to: string) => cy.call('POST', '/folders/move', { from, to })
    expect(await move('code', 'code/inner')).toMatchObject(refusal(400, 'invalid-path'))
    expect(await move('code', 'src2')).toMatchObject(refusal(409, 'path-is-folder'))
    expect(await move('code', 'top.md')).toMatchObject(refusal(409, 'path-taken'))
    expect(await move('code', 'top.md/x')).toMatchObject(refusal(409, 'path-is-folder'))
    expect(await move('gone', 'x')).toMatchObject(refusal(404, 'not-found'))
    expect(await move('code', `${'d/'.repeat(63)}x`)).toMatchObject(refusal(400, 'invalid-path'))
    expect(await cy.paths()).toEqual(['code/Main/a.ts', 'code/Main/lib/b.ts', 'src2/c.ts', 'top.md'])
  })
})

describe('the trash', () => {
  test('FT5: keeps what was deleted, says who did it, and gives it back', async () => {
    const di = await world.owner('Di')
    const [file] = await di.make('lost.md', 'kept.md')
    expect((await di.call('DELETE', `/files/${file.id}`)).status).toBe(204)
    expect(await di.paths()).toEqual(['kept.md'])
    const trash = await di.call('GET', '/trash')
    expect(trash.body.items).toMatchObject([{ id: file.id, path: 'lost.md', deletedBy: { name: 'Di' } }])
    const documents = await di.call('GET', '/content/lost.md')
    expect(documents.status).toBe(404)
    const restored = await di.call('POST', `/trash/${file.id}/restore`, {})
    expect(restored.body).toEqual(file)
    expect((await di.call('GET', '/trash')).body.items).toEqual([])
    expect(await di.call('POST', `/trash/${file.id}/restore`)).toMatchObject(refusal(404, 'not-found'))
    expect(await di.call('DELETE', `/files/${di.project.id}`)).toMatchObject(refusal(404, 'not-found'))
  })

  test('FT5: a place that is taken by now is told, and the file can come back under another name', async () => {
    const ed = await world.owner('Ed')
    const [old] = await ed.make('plan.md')
    await ed.call('DELETE', `/files/${old.id}`)
    await ed.make('Plan.md')
    const refused = await ed.call('POST', `/trash/${old.id}/restore`)
    expect(refused).toMatchObject(refusal(409, 'path-twin'))
    expect(refused.body.error.message).toMatch(/^“plan.md” is safe in the trash but cannot go back to its place\./)
    expect((await ed.call('POST', `/trash/${old.id}/restore`, { path: 'plan-old.md' })).body.path).toBe('plan-old.md')
  })

  test('a folder goes as a whole; pages of the trash leave nothing out', async () => {
    const fi = await world.owner('Fi')
    await fi.make('f/1.md', 'f/2.md', 'f/g/3.md', 'f2.md')
    expect((await fi.call('POST', '/folders/delete', { path: 'f' })).status).toBe(204)
    expect(await fi.paths()).toEqual(['f2.md'])
    const first = await fi.call('GET', '/trash?limit=2')
    const second = await fi.call('GET', `/trash?limit=2&cursor=${first.body.nextCursor}`)
    const paths = [...first.body.items, ...second.body.items].map(({ path }: { path: string }) => path)
    expect(paths.sort()).toEqual(['f/1.md', 'f/2.md', 'f/g/3.md'])
    expect(second.body.nextCursor).toBeUndefined()
    expect(await fi.call('GET', '/trash?cursor=nonsense')).toMatchObject(refusal(400, 'invalid-request'))
  })

  test('FT5: is emptied of what is older than 30 days and in no commit', async () => {
    const gi = await world.owner('Gi')
    const [old, other] = await gi.make('old.md', 'other.md')
    await gi.call('DELETE', `/files/${old.id}`)
    await world.ask(`update file set deleted_at = now() - interval '31 days' where id = $1`, [old.id])
    expect((await gi.call('GET', '/trash')).body.items).toEqual([])
    expect(await gi.call('POST', `/trash/${old.id}/restore`)).toMatchObject(refusal(404, 'not-found'))
    await world.ask('delete from dirty_file where file_id = $1', [old.id])
    await gi.call('DELETE', `/files/${other.id}`)
    expect(await world.ask('select path from file where project_id = $1', [gi.project.id])).toEqual([
      { path: 'other.md' },
    ])
    expect(await world.ask('select count(*)::int as n from document where project_id = $1', [gi.project.id])).toEqual([
      { n: 1 },
    ])
  })
})

test('FT7: a project holds at most 50,000 files', async () => {
  const hu = await world.owner('Hu')
  await world.ask(
    `insert into file (workspace_id, project_id, path, path_key, kind, created_by, changed_by)
     select $1, $2, 'f' || n, 'f' || n, 'binary', 'skein', 'skein' from generate_series(1, 50000) n`,
    [hu.workspace.id, hu.project.id],
  )
  await world.ask('update project set file_count = 50000 where id = $1', [hu.project.id])
  expect(await hu.call('POST', '/files', { path: 'more.md' })).toMatchObject(
    refusal(413, 'quota-exceeded', 'A project holds at most 50,000 files, and this one has 50,000.'),
  )
})
