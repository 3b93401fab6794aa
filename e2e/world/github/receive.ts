/**
 * Git's `proc-receive` hook of every repository here. The hook protocol lets it name its own reason for a refusal, so that a client reads
 * exactly what GitHub would have said; a pre-receive hook could only say "pre-receive hook declined". It moves the refs itself.
 * The policy comes in the environment of the request that pushed.
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readSync, writeSync } from 'node:fs'
import { judgePush, type PushedRef, type PushPolicy, type PushRefusal, warningsOf } from './push-rules.ts'

const lookEveryMs = 20
/** A test that forgot is over by then. */
const holdMsMax = 60_000
const zeroOid = '0'.repeat(40)

function git(args: string[], input = ''): string {
  return execFileSync('git', args, {
    input,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

function readBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count)
  let done = 0
  while (done < count) {
    const read = readSync(0, bytes, done, count - done, null)
    if (read === 0) throw new Error('the pipe to receive-pack closed')
    done += read
  }
  return bytes
}

/** One pkt-line, or null for a flush. */
function readPacket(): string | null {
  const length = Number.parseInt(readBytes(4).toString('latin1'), 16)
  return length === 0
    ? null
    : readBytes(length - 4)
        .toString('utf8')
        .replace(/\n$/, '')
}

function readPackets(): string[] {
  const lines: string[] = []
  for (let line = readPacket(); line !== null; line = readPacket()) lines.push(line)
  return lines
}

function writePacket(line: string): void {
  const payload = Buffer.from(`${line}\n`)
  writeSync(1, Buffer.concat([Buffer.from((payload.length + 4).toString(16).padStart(4, '0')), payload]))
}

function flush(): void {
  writeSync(1, '0000')
}

function isAncestor(older: string, newer: string): boolean {
  try {
    git(['merge-base', '--is-ancestor', older, newer])
    return true
  } catch {
    return false
  }
}

/** Blobs that this push brings, with the path at which each first appears. */
function newBlobs(after: string): { path: string; bytes: number }[] {
  const listed = git(['rev-list', '--objects', after, '--not', '--all']).split('\n')
  const pathByOid = new Map<string, string>()
  for (const line of listed) {
    const space = line.indexOf(' ')
    if (space > 0) pathByOid.set(line.slice(0, space), line.slice(space + 1))
  }
  const sizes = git(
    ['cat-file', '--batch-check=%(objecttype) %(objectsize) %(objectname)'],
    [...pathByOid.keys()].join('\n'),
  )
  return sizes.split('\n').flatMap((line) => {
    const [type, size, oid] = line.split(' ')
    return type === 'blob' && oid !== undefined ? [{ path: pathByOid.get(oid) ?? '', bytes: Number(size) }] : []
  })
}

/** Whether among the new commits one is unsigned, and one is a merge. */
function lookAtCommits(after: string): { hasUnsignedCommits: boolean; hasMergeCommits: boolean } {
  const oids = git(['rev-list', after, '--not', '--all'])
  const commits = oids === '' ? '' : git(['cat-file', '--batch'], oids)
  const heads = commits
    .split(/^[0-9a-f]{40} commit \d+\n/m)
    .slice(1)
    .map((text) => text.split('\n\n')[0] ?? '')
  return {
    hasUnsignedCommits: heads.some((head) => !/^gpgsig/m.test(head)),
    hasMergeCommits: heads.some((head) => (head.match(/^parent /gm) ?? []).length > 1),
  }
}

function describePush(line: string): PushedRef {
  const [before = zeroOid, after = zeroOid, ref = ''] = line.split(' ')
  const isDeleted = after === zeroOid
  const isNew = before === zeroOid
  const nothing = { changedPaths: [], newFiles: [], hasUnsignedCommits: false, hasMergeCommits: false }
  if (isDeleted) return { ref, before, after, isNew, isDeleted, forced: true, ...nothing }
  const base = isNew ? git(['hash-object', '-t', 'tree', '/dev/null']).trim() : before
  return {
    ref,
    before,
    after,
    isNew,
    isDeleted,
    forced: !isNew && !isAncestor(before, after),
    changedPaths: git(['diff-tree', '-r', '-z', '--name-only', base, after])
      .split('\0')
      .filter((path) => path !== ''),
    newFiles: newBlobs(after),
    ...lookAtCommits(after),
  }
}

function moveRef(push: PushedRef): PushRefusal | null {
  try {
    git(
      push.after === zeroOid
        ? ['update-ref', '-d', push.ref, push.before]
        : ['update-ref', push.ref, push.after, push.before],
    )
    return null
  } catch {
    return { reason: 'failed to update ref', lines: [] }
  }
}

/** Waits while the file exists: the push has arrived, and whoever pushed does not know it yet. */
function holdAnswer(file: string): void {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (let ms = 0; ms < holdMsMax && existsSync(file); ms += lookEveryMs) Atomics.wait(clock, 0, 0, lookEveryMs)
}

const policy: PushPolicy = JSON.parse(process.env.PUSH_POLICY ?? '{}')
readPackets()
writePacket('version=1')
flush()
const commands = readPackets()
for (const command of commands) {
  const push = describePush(command)
  const refusal = judgePush(push, policy) ?? moveRef(push)
  if (refusal === null) {
    for (const text of warningsOf(push, policy)) writeSync(2, `${text}\n`)
    const { ref, before, after, forced } = push
    appendFileSync(
      'pushes.jsonl',
      `${JSON.stringify({ ref, before, after, forced, installationId: policy.installationId })}\n`,
    )
    writePacket(`ok ${ref}`)
  } else {
    for (const text of refusal.lines) writeSync(2, `${text}\n`)
    writePacket(`ng ${push.ref} ${refusal.reason}`)
  }
}
holdAnswer(policy.holdFile)
flush()
