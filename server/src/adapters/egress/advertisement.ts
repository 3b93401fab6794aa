/** Reads the refs with which a Git server greets (protocol v0, pkt-lines), as far as they came. */

export interface RemoteRef {
  name: string
  oid: string
}

export interface Advertisement {
  refs: RemoteRef[]
  /** What HEAD points to, when the server says so. */
  headBranch: string | null
  objectFormat: string
}

const refsMax = 20_000

/** Null when this is not such a greeting. A greeting that was cut off gives the refs that came. */
export function parseAdvertisement(body: Buffer): Advertisement | null {
  const lines = readLines(body)
  if (!/^# service=git-(?:upload|receive)-pack$/.test(lines[0] ?? '')) return null
  // A repository without a commit greets with nothing more.
  if (lines.length === 1) return { refs: [], headBranch: null, objectFormat: 'sha1' }
  const [first = '', capabilities = ''] = (lines[1] ?? '').split('\0')
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64}) /.test(first)) return null
  const refs = [first, ...lines.slice(2)].flatMap((line) => {
    const match = /^([0-9a-f]{40,64}) (\S+)$/.exec(line)
    return match?.[1] === undefined || match[2] === undefined || /^0+$/.test(match[1])
      ? []
      : [{ oid: match[1], name: match[2] }]
  })
  return {
    refs,
    headBranch: /(?:^| )symref=HEAD:refs\/heads\/(\S+)/.exec(capabilities)?.[1] ?? null,
    objectFormat: /(?:^| )object-format=(\S+)/.exec(capabilities)?.[1] ?? 'sha1',
  }
}

function readLines(body: Buffer): string[] {
  const lines: string[] = []
  let at = 0
  while (at + 4 <= body.length && lines.length < refsMax) {
    const length = Number.parseInt(body.toString('latin1', at, at + 4), 16)
    if (Number.isNaN(length) || (length > 0 && length < 4)) break
    if (length > 0) {
      if (at + length > body.length) break
      lines.push(body.toString('utf8', at + 4, at + length).replace(/\n$/, ''))
    }
    at += Math.max(4, length)
  }
  return lines
}
