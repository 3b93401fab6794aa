/**
 * Looks for secrets in commits before they leave for a remote (SN9): in every content that the remote does not have yet, also one that a later
 * commit of the range has taken out again, because it would leave with the history. A finding holds the push until a person lets it pass.
 */
import { createHmac } from 'node:crypto'
import { type Database, secretFindingQueries } from '@skein/db'
import type { Oid } from '@skein/protocol'
import { LRUCache } from 'lru-cache'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import type { Reason } from '../github/describe-failure.ts'
import type { PushRange, SecretGate } from '../sync/secret-gate.ts'
import type { NewBlob, NewBlobs } from './new-blobs.ts'
import type { FoundSecret, SecretScanner } from './secret-scanner.ts'

export interface SecretDeps {
  db: Database
  git: Pick<GitStore, 'withDirectory' | 'readBlobs'>
  blobs: NewBlobs
  scanner: SecretScanner
  /** For the hashes by which secrets are known again. */
  hashKey: Buffer
}

/** Larger contents are data; a text may have 4 MiB. */
const blobBytesMax = 4 * 1024 * 1024
/** A file full of findings is told by its first ones; when those were let pass, the next ones are told. */
const findingsPerFileMax = 20
const findingsMax = 500
/** Contents that were looked at and held nothing; each costs some 100 bytes. */
const cleanMax = 100_000

export class FindSecrets implements SecretGate {
  readonly #deps: SecretDeps
  readonly #clean = new LRUCache<string, true>({ max: cleanMax })

  constructor(deps: SecretDeps) {
    this.#deps = deps
  }

  async check(project: ProjectKey, range: PushRange, signal: AbortSignal): Promise<Reason | null> {
    const { db, git } = this.#deps
    const found = await git.withDirectory(project, (directory) => this.#findIn(project, directory, range, signal))
    const open = await db.inWorkspace(project.workspaceId, async (tx) => {
      await secretFindingQueries.keepSecretFindings(tx, project, found)
      return secretFindingQueries.listOpenSecrets(tx, project.projectId)
    })
    return open.length === 0 ? null : describe(open)
  }

  async #findIn(
    project: ProjectKey,
    directory: string,
    range: PushRange,
    signal: AbortSignal,
  ): Promise<secretFindingQueries.NewSecretFinding[]> {
    const { git, blobs } = this.#deps
    const unknown: NewBlob[] = []
    for await (const blob of blobs.list(directory, range, signal)) {
      if (blob.bytes <= blobBytesMax && !this.#clean.has(keyOf(project, blob))) unknown.push(blob)
    }
    const released = await this.#readReleased(project)
    const found: secretFindingQueries.NewSecretFinding[] = []
    let at = 0
    const look = async (_oid: Oid, content: Uint8Array) => {
      const blob = unknown[at++] as NewBlob
      // So many are open: the push is held, and the rest is looked at when those are settled.
      if (found.length >= findingsMax) return
      const secrets = await this.#look(blob, content, signal)
      if (secrets.length === 0) this.#clean.set(keyOf(project, blob), true)
      const findings = unique(secrets.map((secret) => this.#toFinding(blob, range.to, secret)))
      const open = findings.filter(({ fingerprint }) => !released.has(fingerprint.toString('hex')))
      if (open.length === 0) return
      const commit = await blobs.findCommit(directory, range, blob.oid)
      for (const finding of open.slice(0, findingsPerFileMax)) found.push({ ...finding, commit })
    }
    await git.readBlobs(
      project,
      unknown.map(({ oid }) => oid),
      look,
      signal,
    )
    return unique(found)
  }

  /** Limits count what nobody has decided about: else what was let pass would hide what nobody ever saw. */
  async #readReleased({ projectId, workspaceId }: ProjectKey): Promise<Set<string>> {
    const rows = await this.#deps.db.inWorkspace(
      workspaceId,
      (tx) => secretFindingQueries.listReleasedFingerprints(tx, projectId),
      { readOnly: true },
    )
    return new Set(rows.map(({ fingerprint }) => fingerprint.toString('hex')))
  }

  async #look(blob: NewBlob, content: Uint8Array, signal: AbortSignal): Promise<FoundSecret[]> {
    if (content.subarray(0, 8_000).includes(0)) return []
    const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString('utf8')
    const secrets = await this.#deps.scanner.scan({ path: blob.path, text }, signal)
    if (secrets !== 'unscanned') return secrets
    return [{ line: 1, rule: 'unscanned', message: 'It could not be looked at in time.', secret: blob.oid }]
  }

  #toFinding(
    { oid, path }: NewBlob,
    commit: Oid,
    { secret, ...told }: FoundSecret,
  ): secretFindingQueries.NewSecretFinding {
    const fingerprint = createHmac('sha256', this.#deps.hashKey).update(secret).digest()
    return { commit, blob: oid, path, ...told, fingerprint }
  }
}

const keyOf = ({ projectId }: ProjectKey, { oid, path }: NewBlob): string => `${projectId} ${oid} ${path}`

/** The same secret in several commits of a file is one finding: the last place is where people find it. */
const unique = (found: secretFindingQueries.NewSecretFinding[]): secretFindingQueries.NewSecretFinding[] => [
  ...new Map(found.map((finding) => [`${finding.path} ${finding.fingerprint.toString('hex')}`, finding])).values(),
]

function describe(open: readonly { path: string; line: number }[]): Reason {
  const [first] = open
  const others = open.length - 1
  const more = others === 0 ? '' : ` and ${others} more`
  return {
    code: 'secrets',
    message:
      `What looks like a secret in “${first?.path}”, line ${first?.line}${more}, keeps the push back. Nothing has left. ` +
      'Take it out and make it invalid where it belongs, or let it pass if it is none. Editing and committing go on.',
  }
}
