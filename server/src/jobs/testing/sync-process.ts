/**
 * A sync worker as a process of its own, so that a test can kill it at the worst moment: `node sync-process.ts <settings as JSON>`. It ends only
 * by a signal. It only pushes: its texts are nobody's.
 */
import { openDatabase } from '@skein/db'
import { createPostgresBlobStore } from '../../adapters/blob/postgres-blob-store.ts'
import { createUntrustedGit } from '../../adapters/egress/untrusted-git.ts'
import { recordEvent } from '../../adapters/events/postgres-event-hub.ts'
import { PostgresGitStore } from '../../adapters/git/postgres-git-store.ts'
import { GitTextMerge } from '../../adapters/git/text-merge.ts'
import { GithubGitRemote } from '../../adapters/github/git-remote.ts'
import { InstallationTokens } from '../../adapters/github/installation-tokens.ts'
import { GithubRestApi } from '../../adapters/github/rest-api.ts'
import type { LiveDocuments } from '../../commands/live-documents.ts'
import { NO_SYNC_NEWS } from '../../commands/sync/sync-news.ts'
import { SyncLoop } from '../sync-loop.ts'

export interface SyncProcessSettings {
  address: string
  folder: string
  searchPath: string
  apiUrl: string
  gitUrl: string
  app: { id: string; privateKey: string }
}

const { address, folder, searchPath, apiUrl, gitUrl, app }: SyncProcessSettings = JSON.parse(process.argv[2] ?? '')
const db = openDatabase(address)
const git = new PostgresGitStore({ database: db, cacheDir: `${folder}/cache`, searchPath })
const tokens = new InstallationTokens({ apiUrl, readApp: async () => app })
const remote = new GithubGitRemote({ gitUrl, git: createUntrustedGit(searchPath), tokens })
const never = (): never => {
  throw new Error('this worker has no live texts')
}
const documents: LiveDocuments = { read: never, write: never, place: never }
const blobs = createPostgresBlobStore(db)
const snapshot = { database: db, objects: git, blobs, recordEvent, noReplyHost: 'skein.test' }
const logFault = (error: unknown) => void process.stderr.write(`${String(error)}\n`)
const loop = new SyncLoop({
  ...{ db, git, remote, record: recordEvent, news: NO_SYNC_NEWS, logFault },
  api: new GithubRestApi({ apiUrl, tokens, onQuota: () => {} }),
  pull: { db, git, remote, snapshot, documents, merge: new GitTextMerge({ searchPath, directory: folder }), logFault },
  secrets: { check: async () => null },
  now: () => new Date(),
  random: Math.random,
  minIntervalMs: 100,
  publicUrl: 'https://skein.test',
})
await loop.start()
