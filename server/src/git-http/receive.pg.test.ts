/** `git push` to Skein: real clients over HTTP, PostgreSQL, live documents. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { githubLinkQueries } from '@skein/db'
import type { Oid } from '@skein/protocol'
import { expect, test, vi } from 'vitest'
import { Clone, createDoorWorld, run } from './testing/door-world.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const world = await createDoorWorld()
const { base, join, tokenOf, addressOf, shared, text, edit, scratch, faults } = world

/** Folders in which fetches and pushes lie while they are looked at. */
const leftovers = async () => {
  const root = path.join(base.cacheDir, 'fetch')
  const ofProcesses = await readdir(root).catch(() => [])
  return (await Promise.all(ofProcesses.map((name) => readdir(path.join(root, name))))).flat()
}

test('RP5: a push in front of the head moves the branch to the pushed commit, and the texts with it', async () => {
  const { project, clone } = await shared({ 'a.md': 'one\ntwo\n', 'b.md': 'B\n' })
  const copy = await clone()
  const pushed = await copy.commit({ 'a.md': 'one\nTWO\n', 'new/c.md': 'C\n', 'b.md': null })
  const { code, said } = await copy.push()
  expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining('main -> main') })
  expect(await project.head()).toBe(pushed)
  expect(await text(project, 'a.md')).toBe('one\nTWO\n')
  expect(await text(project, 'new/c.md')).toBe('C\n')
  expect((await project.files()).map(({ path: name }) => name).sort()).toEqual(['a.md', 'new/c.md'])
  expect(await project.dirty()).toEqual([])
  expect(await project.fsck()).toBe('')
  expect(await leftovers()).toEqual([])
})

test('RP5: edits that no commit holds yet are merged with the push, and the next fetch shows it', async () => {
  const { project, owner, clone } = await shared({ 'a.md': 'one\n\ntwo\n\nthree\n' })
  const copy = await clone()
  const ben = await base.person('Ben')
  await edit(ben, project, 'a.md', (now) => now.replace('one', 'ONE'))
  const pushed = await copy.commit({ 'a.md': 'one\n\ntwo\n\nTHREE\n' })
  const { code, said } = await copy.push()
  expect(code).toBe(0)
  expect(said).toContain('remote: Merged with what was edited in Skein. Pull to get it.')
  expect(await text(project, 'a.md')).toBe('ONE\n\ntwo\n\nTHREE\n')
  expect((await copy.git('pull', '-q', '--ff-only')).code).toBe(0)
  expect(await copy.head()).toBe(await project.head())
  expect((await copy.git('show', 'HEAD:a.md')).said).toBe('ONE\n\ntwo\n\nTHREE\n')
  expect((await copy.git('log', '--format=%P', '-1')).said.trim()).toBe(pushed)
  expect((await copy.git('fsck', '--strict')).code).toBe(0)
  const actors = await project.ask<{ actor: string }>('select changed_by as actor from file where project_id = $1')
  expect(actors.map(({ actor }) => actor)).toContain(`person:${owner.userId}`)
})

test('RP5: what both changed becomes a conflict, ours stays, and the client is told', async () => {
  const { project, owner, clone } = await shared({ 'a.md': 'one\ntwo\nthree\n' })
  const copy = await clone()
  await edit(owner, project, 'a.md', (now) => now.replace('two', 'mine'))
  await copy.commit({ 'a.md': 'one\nyours\nthree\n' })
  const { code, said } = await copy.push()
  expect(code).toBe(0)
  expect(said).toContain('One place was changed both by you and in Skein')
  expect(await text(project, 'a.md')).toBe('one\nmine\nthree\n')
  const open = await project.ask(`select 1 from conflict where project_id = $1 and state = 'open'`)
  expect(open).toHaveLength(1)
})

test('RP3: a push by somebody else has to be fetched first', async () => {
  const { project, owner, clone } = await shared({ 'a.md': 'one\n\ntwo\n\nthree\n' })
  const [mine, other] = [await clone(), await clone()]
  await mine.commit({ 'a.md': 'one\n\ntwo\n\nTHREE\n' })
  await other.commit({ 'b.md': 'B\n' })
  expect((await other.push()).code).toBe(0)
  const stale = await mine.push()
  expect(stale.code).toBe(1)
  expect(stale.said).toContain('fetch first')
  expect((await mine.git('pull', '-q', '--rebase')).code).toBe(0)
  await edit(owner, project, 'a.md', (now) => now.replace('one', 'ONE'))
  expect((await mine.push()).code).toBe(0)
  expect(await text(project, 'a.md')).toBe('ONE\n\ntwo\n\nTHREE\n')
})

test('RP3: a commit that Skein makes of live texts while a push is under way is merged with it', async () => {
  const { project, owner, clone } = await shared({ 'a.md': 'one\n\ntwo\n\nthree\n' })
  const copy = await clone()
  const pushed = await copy.commit({ 'a.md': 'one\n\ntwo\n\nTHREE\n' })
  let meanwhile: string | undefined
  world.receiving.onPushStep = async (step) => {
    if (step !== 'checked') return
    await edit(owner, project, 'a.md', (now) => now.replace('one', 'ONE'))
    meanwhile = (await project.snapshot())?.oid
  }
  const { code, said } = await copy.push()
  delete world.receiving.onPushStep
  expect({ code, said }).toMatchObject({ code: 0 })
  expect(await project.git('show', '-s', '--format=%P', 'HEAD')).toBe(`${meanwhile} ${pushed}`)
  expect(await text(project, 'a.md')).toBe('ONE\n\ntwo\n\nTHREE\n')
  expect(await project.git('show', '-s', '--format=%s', 'HEAD')).toBe('Merge a push to main')
})

test('RP3: a forced push is refused in words, and nothing changes', async () => {
  const { project, clone } = await shared({ 'a.md': 'one\n' })
  const copy = await clone()
  await copy.commit({ 'a.md': 'two\n' })
  await copy.push()
  const head = await project.head()
  await copy.git('reset', '-q', '--hard', 'HEAD~1')
  await copy.commit({ 'a.md': 'three\n' })
  const { code, said } = await copy.push('--force')
  expect(code).toBe(1)
  expect(said).toContain('remote: Skein takes no forced pushes')
  expect(said).toContain('[remote rejected] main -> main (non-fast-forward)')
  expect(await project.head()).toBe(head)
  expect(await text(project, 'a.md')).toBe('two\n')
})

test('RP2: deletions, other branches and tags are refused, each by its name, beside what is taken', async () => {
  const { project, clone } = await shared({ 'a.md': 'one\n' })
  const copy = await clone()
  const before = await project.head()
  const deleted = await copy.push('origin', ':main')
  expect(deleted.said).toContain('(the branch of the project cannot be deleted)')
  await copy.git('tag', 'v1')
  const pushed = await copy.commit({ 'a.md': 'two\n' })
  const { code, said } = await copy.push('origin', 'main', 'HEAD:refs/heads/side', 'v1')
  expect(code).toBe(1)
  expect(said).toContain('main -> main\n')
  expect(said).toMatch(/\[remote rejected\] HEAD -> side \(only the branch of the project can be pushed\)/)
  expect(said).toMatch(/\[remote rejected\] v1 -> v1 \(only the branch of the project can be pushed\)/)
  expect(said).toContain('remote: A project of Skein has one branch, main.')
  expect(await project.head()).toBe(pushed)
  expect(before).not.toBe(pushed)
  expect(await project.git('for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/tags')).toBe('refs/heads/main')
})

test('RP2: the first push to an empty project names its branch', async () => {
  const owner = await base.person('Ana')
  const project = await base.project()
  await join(owner, project, 'owner')
  const folder = scratch()
  await run(folder, 'init', '-q', '-b', 'trunk', 'copy')
  const directory = path.join(folder, 'copy')
  const address = await addressOf(await tokenOf(owner), project, `any/${project.key.projectId}`)
  await run(directory, 'remote', 'add', 'origin', address)
  await run(directory, 'commit', '-q', '--allow-empty', '-m', 'First')
  const { code, said } = await run(directory, 'push', 'origin', 'trunk')
  expect({ code, said }).toMatchObject({ code: 0 })
  const [row] = await project.ask<{ branch: string }>('select default_branch as branch from project where id = $1')
  expect(row?.branch).toBe('trunk')
  const copy = await Clone.of(scratch(), address)
  expect(await copy.head()).toBe((await run(directory, 'rev-parse', 'HEAD')).said.trim())
})

test('RP6: of two pushes at once one arrives, the other has to fetch first', async () => {
  const { project, clone } = await shared({ 'a.md': 'one\n' })
  const copies = [await clone(), await clone()]
  const heads = await Promise.all(copies.map((copy, n) => copy.commit({ [`${n}.md`]: `${n}\n` })))
  const said = await Promise.all(copies.map((copy) => copy.push()))
  expect(said.map(({ code }) => code).sort()).toEqual([0, 1])
  const loser = said.find(({ code }) => code === 1)
  expect(loser?.said).toContain('fetch first')
  expect(heads).toContain(await project.head())
})

test('RP6: many connections that do not say what they push keep nobody else from pushing', async () => {
  const { project, clone, token } = await shared({ 'a.md': 'one\n' })
  const copy = await clone()
  const pushed = await copy.commit({ 'a.md': 'two\n' })
  const editor = await base.person('Ben')
  await join(editor, project, 'editor')
  const slow = await tokenOf(editor)
  const head = (bearer: string) =>
    `POST /git/any/${project.key.projectId}.git/git-receive-pack HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${bearer}\r\n` +
    `Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 5000\r\n\r\n00`
  const sockets = Array.from({ length: 8 }, () =>
    connect(world.port, '127.0.0.1', function (this: Socket) {
      this.write(head(slow))
    }),
  )
  // The ninth is refused, so the eight are being read.
  await vi.waitFor(
    async () => {
      const answer = await fetch(
        `http://127.0.0.1:${world.port}/git/any/${project.key.projectId}.git/git-receive-pack`,
        {
          method: 'POST',
          headers: { authorization: `Bearer ${slow}` },
          body: '0000',
        },
      )
      expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('Many of your pushes')])
    },
    { timeout: 30_000 },
  )
  expect(token).not.toBe(slow)
  expect(await copy.push()).toMatchObject({ code: 0 })
  expect(await project.head()).toBe(pushed)
  for (const socket of sockets) socket.destroy()
})

test('RP7: a merge that was given up is told as that, and its commits stay when the next push comes', async () => {
  const { project, clone } = await shared({ 'a.md': 'one\n' })
  const copy = await clone()
  const before = await project.head()
  const lost = await copy.commit({ 'a.md': 'two\n' })
  world.receiving.onPushStep = async (step) => {
    if (step === 'kept') await project.ask(`update pull set state = 'abandoned' where project_id = $1`)
  }
  const { code, said } = await copy.push()
  delete world.receiving.onPushStep
  expect(code).toBe(1)
  expect(said).toContain('[remote rejected] main -> main (could not be merged)')
  expect(said).toMatch(/remote: Skein could not end the merge, so the branch stands where it stood/)
  expect(await project.head()).toBe(before)

  await copy.git('commit', '-q', '--amend', '-m', 'Again')
  const pushed = await copy.head()
  expect(pushed).not.toBe(lost)
  expect(await copy.push()).toMatchObject({ code: 0 })
  expect(await project.head()).toBe(pushed)
  const next = await copy.commit({ 'a.md': 'three\n' })
  expect(await copy.push()).toMatchObject({ code: 0 })
  const refs = await project.ask<{ name: string; oid: string }>(
    `select name, oid from ref where project_id = $1 and name not like 'refs/heads/%' order by name`,
  )
  expect(refs).toEqual([
    { name: `refs/pinned/${lost}`, oid: lost },
    { name: 'refs/remotes/push/tip', oid: next },
  ])
})

test('RP5: nobody who types loses a character', async () => {
  const { project, owner, clone } = await shared({ 'a.md': `${'line\n'.repeat(40)}end\n` })
  const copy = await clone()
  let typed = ''
  let isPushing = true
  const typing = (async () => {
    for (let n = 0; isPushing; n++) {
      const word = `<${n}>`
      await edit(owner, project, 'a.md', (now) => now.replace('end', `${word}end`))
      typed += word
      await sleep(5)
    }
  })()
  for (let round = 1; round <= 4; round++) {
    await copy.git('pull', '-q', '--no-rebase', '--no-edit')
    const lines = (await copy.git('show', 'HEAD:a.md')).said.split('\n')
    lines[round] = `pushed ${round}`
    await copy.commit({ 'a.md': lines.join('\n') })
    const { code, said } = await copy.push()
    expect({ code, said }).toMatchObject({ code: 0 })
    expect(await text(project, 'a.md')).toContain(`pushed ${round}\n`)
  }
  isPushing = false
  await typing
  expect((await text(project, 'a.md')).split('\n').at(-2)).toBe(`${typed}end`)
  expect(await project.fsck()).toBe('')
})

test('RP4: forbidden entries are refused in the words of Git’s own check, and nothing is kept', async () => {
  const { project, clone } = await shared({ 'a.md': 'one\n' })
  const copy = await clone()
  const before = await project.ask('select 1 from pack where project_id = $1')
  const { said: blob } = await copy.git('hash-object', '-w', 'a.md')
  const script = `printf '100644 blob ${blob.trim()}\\t.GIT\\n' | git mktree`
  const { said: tree } = await copy.git('-c', `alias.make=!${script}`, 'make')
  const { said: commit } = await copy.git('commit-tree', tree.trim(), '-p', 'HEAD', '-m', 'bad')
  const { code, said } = await copy.push('origin', `${commit.trim()}:refs/heads/main`)
  expect(code).toBe(1)
  expect(said).toMatch(/unpack failed: .*hasDotgit/)
  expect(await project.head()).toBe(await copy.head())
  expect(await project.ask('select 1 from pack where project_id = $1')).toEqual(before)
  expect(await leftovers()).toEqual([])
})

test('RP4: names that are not UTF-8, workflows, symlinks, binary files and what looks like a secret are taken', async () => {
  const { project, clone } = await shared({ 'a.md': 'one\n' })
  const copy = await clone()
  await copy.commit({
    '.github/workflows/ci.yml': 'on: push\n',
    'image.bin': randomBytes(2000),
    'keys.env': 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n',
  })
  const { said: blob } = await copy.git('hash-object', '-w', 'a.md')
  const script = `printf '100644 ${blob.trim()}\\t${'f\\374r.txt'}\\0' | git update-index -z --index-info`
  await copy.git('-c', `alias.add-odd=!${script}`, 'add-odd')
  await copy.git('commit', '-q', '-m', 'Odd')
  const { code, said } = await copy.push()
  expect({ code, said }).toMatchObject({ code: 0 })
  const tree = await project.git('ls-tree', '-r', '-z', '--name-only', 'HEAD')
  expect(tree).toContain('.github/workflows/ci.yml')
  expect(tree).toContain('image.bin')
  expect(tree).toContain('f\ufffdr.txt')
  expect(await project.head()).toBe(await copy.head())
  expect(await project.fsck()).toBe('')
})

test('RP4: 60 MB in one file are taken, more than 100 MiB are refused by its name', async () => {
  const { project, clone } = await shared({ 'a.md': 'one\n' })
  const copy = await clone()
  const pushed = await copy.commit({ 'large.bin': randomBytes(60_000_000) })
  const { code, said } = await copy.push()
  expect({ code, said }).toMatchObject({ code: 0 })
  expect(await project.head()).toBe(pushed)
  await copy.commit({ 'too-large.bin': Buffer.alloc(101 * 1_048_576) })
  const refused = await copy.push()
  expect(refused.code).toBe(1)
  expect(refused.said).toContain('“too-large.bin” has 101 MiB; the limit is 100 MiB.')
  expect(await project.head()).toBe(pushed)
})

test('RP4: a commit that has more than 1 MiB by itself is refused in words, long messages are kept whole and listed cut', async () => {
  const { project, clone } = await shared({ 'a.md': 'one\n' })
  const copy = await clone()
  const before = await project.head()
  const packs = await project.ask('select 1 from pack where project_id = $1')
  const commitWith = async (characters: number) => {
    writeFileSync(path.join(copy.directory, '..', 'message'), `Long\n\n${'x'.repeat(characters)}\n`)
    await copy.git('commit', '-q', '--allow-empty', '-F', '../message')
    return copy.head()
  }
  const large = await commitWith(2 * 1_048_576)
  await copy.commit({ 'a.md': 'two\n' })
  const { code, said } = await copy.push()
  expect(code).toBe(1)
  expect(said).toContain(`The commit ${large} has a message and headers of 3 MiB; the limit is 1 MiB.`)
  expect(await project.head()).toBe(before)
  expect(await project.ask('select 1 from pack where project_id = $1')).toEqual(packs)

  await copy.git('reset', '-q', '--hard', before as Oid)
  const many: string[] = []
  for (let n = 0; n < 20; n++) many.push(await commitWith(900_000 + n))
  expect(await copy.push()).toMatchObject({ code: 0 })
  expect(await project.head()).toBe(many.at(-1))
  const rows = await project.ask<{ characters: number }>(
    `select length(message) as characters from git_commit where project_id = $1 and kind = 'pushed'`,
  )
  expect(rows).toEqual(many.map(() => ({ characters: 64 * 1024 })))
  expect((await project.git('cat-file', '-s', many[0] as string)).length).toBeGreaterThan(5)
})

test('RP4: a tag in the place of a commit is refused', async () => {
  const { project, clone } = await shared({ 'a.md': 'one\n' })
  const copy = await clone()
  const before = await project.head()
  await copy.commit({ 'a.md': 'two\n' })
  await copy.git('tag', '-a', 'v1', '-m', 'v1')
  const tag = (await copy.git('rev-parse', 'v1')).said.trim() as Oid
  const body = `${before} ${tag} refs/heads/main\0report-status`
  const line = `${(body.length + 4).toString(16).padStart(4, '0')}${body}0000`
  const pack = Buffer.from(
    (
      await copy.git(
        '-c',
        `alias.pack=!printf '${tag}\\n^${before}\\n' | git pack-objects --revs --stdout -q | base64 -w0`,
        'pack',
      )
    ).said,
    'base64',
  )
  const token = await tokenOf(await ownerOf(project))
  const address = new URL(await addressOf(token, project, `any/${project.key.projectId}`))
  const answer = await fetch(`http://127.0.0.1:${world.port}${address.pathname}/git-receive-pack`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-git-receive-pack-request' },
    body: Buffer.concat([Buffer.from(line), pack]),
  })
  expect(await answer.text()).toContain('ng refs/heads/main not a commit')
  expect(await project.head()).toBe(before)
})

async function ownerOf(project: Awaited<ReturnType<typeof shared>>['project']) {
  const owner = await base.person('Cy')
  await join(owner, project, 'editor')
  return owner
}

test('RP1: an editor may push; viewers, commenters, strangers, wrong tokens and tokens without a scope may not', async () => {
  const { project, clone } = await shared({ 'a.md': 'one\n' })
  const copy = await clone()
  const pushed = await copy.commit({ 'a.md': 'two\n' })
  const before = await project.head()
  const pushWith = async (token: string) =>
    copy.push(await addressOf(token, project, `any/${project.key.projectId}`), 'main')
  for (const role of ['viewer', 'commenter'] as const) {
    const person = await base.person('Ben')
    await join(person, project, role)
    const { code, said } = await pushWith(await tokenOf(person))
    expect(code, role).toBe(128)
    expect(said, role).toMatch(/remote: .*(role|editor|may)/i)
  }
  const stranger = await pushWith(await tokenOf(await base.person('Mallory')))
  expect(stranger.said).toContain('not found')
  expect((await pushWith('skein_wrong')).said).toContain('Authentication failed')
  const editor = await base.person('Mei')
  await join(editor, project, 'editor')
  for (const scopes of [['git:read'], ['git:read', 'git:commit'], ['git:read', 'docs:write']] as const) {
    const { said } = await pushWith(await tokenOf(editor, [...scopes]))
    expect(said, scopes.join()).toContain('remote: This API token does not have the scope')
  }
  expect(await project.head()).toBe(before)
  const { code } = await pushWith(await tokenOf(editor, ['git:read', 'git:commit', 'docs:write']))
  expect(code).toBe(0)
  expect(await project.head()).toBe(pushed)
  const asked = await fetch(
    `http://127.0.0.1:${world.port}/git/any/${project.key.projectId}.git/info/refs?service=git-receive-pack`,
  )
  expect([asked.status, asked.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="Skein", charset="UTF-8"'])
})

test('RP5: in a linked project the push goes on to GitHub, whose own head it is not', async () => {
  const { project, owner, clone } = await shared({ 'a.md': 'one\n' })
  await base.database.inWorkspace(project.key.workspaceId, (tx) =>
    githubLinkQueries.insertGithubLink(tx, {
      ...project.key,
      installationId: 1,
      repositoryId: 1,
      fullName: 'ana/notes',
      htmlUrl: 'https://github.example/ana/notes',
      branch: 'main',
      defaultBranch: 'main',
      directory: '',
      mode: 'direct_commit',
      createdBy: owner.userId,
    }),
  )
  const copy = await clone()
  const pushed = await copy.commit({ 'a.md': 'two\n' })
  expect((await copy.push()).code).toBe(0)
  const due = await project.ask('select target from outbox where project_id = $1')
  expect(due).toEqual([{ target: pushed }])
  const link = await project.ask('select merged_oid, remote_oid from github_link where project_id = $1')
  expect(link).toEqual([{ merged_oid: null, remote_oid: null }])
})

test('RP8: from a shallow clone, with a large body, and with an empty one', async () => {
  const { project, clone, token } = await shared({ 'a.md': 'one\n' })
  const first = await clone()
  await first.commit({ 'a.md': 'two\n' })
  await first.push()
  const address = await addressOf(token, project, `any/${project.key.projectId}`)
  const shallow = await Clone.of(scratch(), address, '--depth=1')
  const pushed = await shallow.commit({ 'b.bin': randomBytes(3_000_000) })
  const { code, said } = await shallow.push()
  expect({ code, said }).toMatchObject({ code: 0 })
  expect(await project.head()).toBe(pushed)
  expect((await shallow.push()).said).toContain('Everything up-to-date')
})

test('RP8: whoever breaks off in the middle has changed nothing, and the next push is received', async () => {
  const { project, clone, token } = await shared({ 'a.md': 'one\n' })
  const copy = await clone()
  const before = await project.head()
  const pushed = await copy.commit({ 'b.bin': randomBytes(3_000_000) })
  const command = `${before} ${pushed} refs/heads/main\0report-status side-band-64k`
  const body = Buffer.concat([
    Buffer.from(`${(command.length + 4).toString(16).padStart(4, '0')}${command}0000PACK`),
    randomBytes(100),
  ])
  const socket = connect(world.port, '127.0.0.1')
  socket.write(
    `POST /git/any/${project.key.projectId}.git/git-receive-pack HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
      `Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 5000000\r\n\r\n`,
  )
  socket.write(body)
  await vi.waitFor(async () => expect((await leftovers()).length).toBeGreaterThan(0), { timeout: 30_000 })
  socket.destroy()
  const { code, said } = await copy.push()
  expect({ code, said }).toMatchObject({ code: 0 })
  expect(await project.head()).toBe(pushed)
  await vi.waitFor(async () => expect(await leftovers()).toEqual([]), { timeout: 30_000 })
})

test('nothing above was a fault of ours', () => {
  expect(faults).toEqual([])
})
