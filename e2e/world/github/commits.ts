/**
 * Commits as other people make them on GitHub, on any branch and on top of anything: through `git fast-import`, so that one call may hold
 * renames, deletions, modes, binary files, symlinks and submodules, or some thousands of commits. The branch moves by compare-and-set, so
 * that a push which lands meanwhile is not overwritten by an ordinary commit.
 */
import { bareDirectory, git, readRef, zeroOid } from './bare.ts'
import { nextId, now, type World } from './state.ts'

/** One change of one path; with none of the fields below `path` it is deleted. */
export interface FileChange {
  path: string
  /** Text. */
  content?: string
  /** Bytes. */
  base64?: string
  /** `100644` unless given; `100755`, `120000` (the content is the target), `160000` (with `submodule`). */
  mode?: string
  /** The path it had before; with content it is changed as well. */
  renamedFrom?: string
  /** Commit of a submodule. */
  submodule?: string
  deleted?: true
}

export interface CommitRequest {
  branch: string
  files?: FileChange[]
  message?: string
  author?: { name: string; email: string }
  /** In place of the branch's history: a force-push. */
  fromScratch?: boolean
  /** On top of this commit instead of the branch's head; when that is not the head, a force-push. */
  onTop?: string
  /** In place of the branch's last commit, keeping its files: a force-push. */
  amend?: boolean
  /** Another parent, whose files are not looked at. */
  mergeOf?: string
  /** So many commits with this request's files, each with its number at the end of every text. */
  count?: number
}

export interface RefMove {
  ref: string
  /** All zeros: the ref is new. */
  before: string
  /** All zeros: the ref is gone. */
  after: string
  forced: boolean
}

const triesMax = 20

/** Makes the commits and moves the branch; the move says where it was and is. */
export async function commitOn(world: World, repositoryId: number, request: CommitRequest): Promise<RefMove> {
  const directory = bareDirectory(world, repositoryId)
  const ref = `refs/heads/${request.branch}`
  for (let attempt = 1; ; attempt += 1) {
    const head = await readRef(world, repositoryId, ref)
    const parent = await parentOf(directory, request, head)
    const after = await importCommits(world, directory, request, parent)
    try {
      await git(directory, ['update-ref', ref, after, head ?? zeroOid])
      return { ref, before: head ?? zeroOid, after, forced: head !== null && parent !== head }
    } catch (error) {
      if (attempt === triesMax) throw error
    }
  }
}

async function parentOf(directory: string, request: CommitRequest, head: string | null): Promise<string | null> {
  if (request.fromScratch === true) return null
  if (request.onTop !== undefined) return request.onTop
  if (request.amend !== true || head === null) return head
  const [, parent] = (await git(directory, ['rev-list', '--parents', '-n', '1', head])).split(' ')
  return parent ?? null
}

async function importCommits(
  world: World,
  directory: string,
  request: CommitRequest,
  parent: string | null,
): Promise<string> {
  const prepared = `refs/prepared/${nextId(world)}`
  const count = request.count ?? 1
  const seconds = Math.floor(now(world) / 1000)
  const stream: Buffer[] = [Buffer.from('feature done\n')]
  for (let number = 1; number <= count; number += 1) {
    const suffix = count === 1 ? '' : ` ${number}`
    stream.push(commitHead(prepared, request, seconds, suffix))
    if (number === 1 && parent !== null) stream.push(Buffer.from(`from ${parent}\n`))
    if (number === 1 && request.mergeOf !== undefined) stream.push(Buffer.from(`merge ${request.mergeOf}\n`))
    // What an amended commit held stays, beneath what is changed now.
    if (number === 1 && request.amend === true) stream.push(await wholeTree(directory, request.branch))
    for (const file of request.files ?? []) stream.push(...change(file, number > 1, suffix))
    stream.push(Buffer.from('\n'))
  }
  stream.push(Buffer.from('done\n'))
  await git(directory, ['fast-import', '--quiet', '--force', '--done'], { input: Buffer.concat(stream) })
  const oid = await git(directory, ['rev-parse', prepared])
  await git(directory, ['update-ref', '-d', prepared])
  return oid
}

function commitHead(ref: string, request: CommitRequest, seconds: number, suffix: string): Buffer {
  const { name, email } = request.author ?? { name: 'Octo Cat', email: 'octo@example.org' }
  const who = `${name} <${email}> ${seconds} +0000`
  return Buffer.concat([
    Buffer.from(`commit ${ref}\nauthor ${who}\ncommitter ${who}\n`),
    data(Buffer.from(`${request.message ?? 'Change on GitHub'}${suffix}\n`)),
  ])
}

async function wholeTree(directory: string, branch: string): Promise<Buffer> {
  const tree = await git(directory, ['rev-parse', `refs/heads/${branch}^{tree}`])
  return Buffer.from(`M 040000 ${tree} ""\n`)
}

function change(file: FileChange, isRepeated: boolean, suffix: string): Buffer[] {
  const path = quote(file.path)
  const parts: Buffer[] = []
  if (file.renamedFrom !== undefined && !isRepeated) parts.push(Buffer.from(`R ${quote(file.renamedFrom)} ${path}\n`))
  if (file.submodule !== undefined) parts.push(Buffer.from(`M 160000 ${file.submodule} ${path}\n`))
  else if (file.deleted === true && !isRepeated) parts.push(Buffer.from(`D ${path}\n`))
  else if (file.content !== undefined || file.base64 !== undefined) {
    const bytes =
      file.base64 === undefined ? Buffer.from(`${file.content}${suffix}`) : Buffer.from(file.base64, 'base64')
    parts.push(Buffer.from(`M ${file.mode ?? '100644'} inline ${path}\n`), data(bytes))
  }
  return parts
}

const data = (bytes: Buffer) => Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')])

const quote = (path: string) => `"${path.replace(/["\\]/g, (character) => `\\${character}`).replaceAll('\n', '\\n')}"`
