/** What the repository holds and no branch reaches, asked for by real clients and by hand. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Oid } from '@skein/protocol'
import { expect, test, vi } from 'vitest'
import { testSearchPath } from '../testing/world.ts'
import { encodeLine, flush } from './pkt-line.ts'
import { Clone, createDoorWorld, run } from './testing/door-world.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const world = await createDoorWorld()
const { base, faults, port, scratch, shared, addressOf } = world

/**
 * A project with two commits, and hidden ones: an old tip that was set aside, and the whole commit of a repository of which a folder is linked, kept as
 * such links keep them.
 */
async function withHidden() {
  const { project, token, clone } = await shared({ 'a.md': 'one\n' })
  const first = (await project.head()) as Oid
  const copy = await clone()
  await copy.commit({ 'a.md': 'two\n' })
  await copy.push()
  const keep = async (ref: string, files: Record<string, string>) => {
    const other = new Map<string, string>()
    const folder = scratch()
    await run(folder, 'init', '-q', 'whole')
    const whole = Clone.open(path.join(folder, 'whole'))
    const tip = await whole.commit(files)
    await base.store.withFetchDirectory(project.key, undefined, async (fetched) => {
      await run(fetched.directory, 'fetch', '-q', whole.directory, tip)
      await fetched.keep({ ref, tip, actor: 'skein', reason: 'test' }, async () => {})
    })
    for (const name of Object.keys(files)) {
      other.set(name, (await whole.git('rev-parse', `HEAD:${name}`)).said.trim())
    }
    other.set('tree', (await whole.git('rev-parse', 'HEAD^{tree}')).said.trim())
    return { commit: tip as string, object: (name: string) => other.get(name) ?? '' }
  }
  const pinned = await keep('refs/pinned/old', { 'purged.md': 'purged\n' })
  const whole = await keep('refs/remotes/folder/remote/main', {
    'docs/a.md': 'two\n',
    'payroll/salaries.csv': 'Ben,1\n',
  })
  const address = await addressOf(token, project, `any/${project.key.projectId}`)
  const hidden: Record<string, string> = {
    'a pinned commit': pinned.commit,
    'a purged blob': pinned.object('purged.md'),
    'a whole commit': whole.commit,
    'a file beside the folder': whole.object('payroll/salaries.csv'),
    'a tree beside the folder': whole.object('tree'),
  }
  return { project, token, first, copy, address, hidden }
}

test('RP9: objects that only hidden refs reach are not given to whoever knows their oid', async () => {
  const { copy, address, hidden, first, project } = await withHidden()
  expect((await copy.git('ls-remote', address)).said.match(/refs\/\S+/g)).toEqual(['refs/heads/main'])
  for (const [what, oid] of Object.entries(hidden)) {
    const inRepository = await project.git('cat-file', '-t', oid)
    expect(inRepository, what).toMatch(/^(?:commit|blob|tree)$/)
    for (const version of ['2', '1', '0']) {
      const { code, said } = await copy.git('-c', `protocol.version=${version}`, 'fetch', address, oid)
      expect(code, `${what}, version ${version}`).not.toBe(0)
      expect(said, `${what}, version ${version}`).toMatch(
        version === '2' ? `not our ref ${oid}` : /not our ref|unadvertised object/,
      )
      expect((await copy.git('cat-file', '-e', oid)).code, what).not.toBe(0)
    }
  }
  // What the branch reaches may be asked for by its oid.
  const blob = (await project.git('rev-parse', `${first}:a.md`)).trim()
  for (const oid of [first, blob]) {
    const folder = scratch()
    await run(folder, 'init', '-q', 'empty')
    const { code, said } = await run(path.join(folder, 'empty'), 'fetch', address, oid)
    expect({ code, said }).toMatchObject({ code: 0 })
  }
})

test('RP9: nor by requests that no Git would send', async () => {
  const { project, token, hidden } = await withHidden()
  const head = (await project.head()) as string
  const ask = async (version: string, ...lines: (string | Uint8Array)[]) => {
    const answer = await fetch(`http://127.0.0.1:${port}/git/any/${project.key.projectId}.git/git-upload-pack`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/x-git-upload-pack-request',
        'git-protocol': `version=${version}`,
      },
      body: Buffer.concat(lines.map((line) => (typeof line === 'string' ? encodeLine(line) : line))),
    })
    return { status: answer.status, text: Buffer.from(await answer.arrayBuffer()).toString('latin1') }
  }
  const delimiter = Buffer.from('0001')
  for (const [what, oid] of Object.entries(hidden)) {
    const old = await ask('0', `want ${head} no-progress\n`, `want ${oid}\n`, flush, 'done\n')
    expect(old.text, what).toContain(`not our ref ${oid}`)
    const loud = await ask('2', 'command=fetch', delimiter, `want ${oid.toUpperCase()}\n`, 'done\n', flush)
    expect(loud.text, what).toContain(`not our ref ${oid}`)
    const late = await ask('2', 'command=fetch', delimiter, `want ${head}`, 'done', `want ${oid}`, flush)
    expect(late.text, what).toContain(`not our ref ${oid}`)
    const twice = await ask('2', 'command=ls-refs', flush, 'command=fetch', delimiter, `want ${oid}`, 'done', flush)
    expect(twice.text, what).toContain(`not our ref ${oid}`)
    expect([old, loud, late, twice].filter(({ text }) => text.includes('PACK'))).toEqual([])
  }
  expect((await ask('2', 'command=fetch', delimiter, 'want-ref refs/pinned/old', 'done', flush)).status).toBe(400)
  expect((await ask('0', Buffer.from('0fffwant'))).status).toBe(400)
})

test('RP9: partial and shallow clones get what they look at, also later and one by one', async () => {
  const { address, first } = await withHidden()
  const partial = await Clone.of(scratch(), address, '--filter=blob:none')
  expect(readFileSync(path.join(partial.directory, 'a.md'), 'utf8')).toBe('two\n')
  expect((await partial.git('show', `${first}:a.md`)).said).toBe('one\n')
  const treeless = await Clone.of(scratch(), address, '--filter=tree:0')
  expect((await treeless.git('show', `${first}:a.md`)).said).toBe('one\n')
  const shallow = await Clone.of(scratch(), address, '--depth=1')
  expect((await shallow.git('rev-list', '--count', 'HEAD')).said).toBe('1\n')
  expect((await shallow.git('fetch', '-q', '--unshallow')).code).toBe(0)
  expect((await shallow.git('rev-list', '--count', 'HEAD')).said).toBe('2\n')
  expect((await shallow.git('fsck', '--strict')).code).toBe(0)
})

test('RP9: a push that names a hidden object without bringing it is refused, older contents of the branch may be named', async () => {
  const { project, token, copy, hidden, first } = await withHidden()
  const before = (await project.head()) as string
  const write = async (tree: string) => {
    const input = (args: string[], text: string) =>
      execFileSync('git', args, { cwd: copy.directory, env: { PATH: testSearchPath }, input: text }) as Buffer
    const oid = input(['mktree', '--missing'], tree).toString().trim()
    const commit = (await copy.git('commit-tree', oid, '-p', before, '-m', 'Named')).said.trim()
    const pack = input(['pack-objects', '--stdout', '-q'], `${commit}\n${oid}\n`)
    const answer = await fetch(`http://127.0.0.1:${port}/git/any/${project.key.projectId}.git/git-receive-pack`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-git-receive-pack-request' },
      body: Buffer.concat([encodeLine(`${before} ${commit} refs/heads/main\0report-status`), flush, pack]),
    })
    return { commit, text: await answer.text() }
  }
  const packs = await project.ask('select 1 from pack where project_id = $1')
  for (const what of ['a purged blob', 'a file beside the folder']) {
    expect((await write(`100644 blob ${hidden[what]}\tgot.md\n`)).text, what).toContain(
      'ng refs/heads/main missing objects',
    )
  }
  expect((await write(`040000 tree ${hidden['a tree beside the folder']}\tgot\n`)).text).toContain('missing objects')
  expect(await project.head()).toBe(before)
  expect(await project.ask('select 1 from pack where project_id = $1')).toEqual(packs)
  const older = (await project.git('rev-parse', `${first}:a.md`)).trim()
  const { commit, text } = await write(`100644 blob ${older}\ta.md\n`)
  expect(text).toContain('ok refs/heads/main')
  expect(await project.head()).toBe(commit)
})

test('nothing above was a fault of ours', () => {
  expect(faults).toEqual([])
})
