/**
 * A push worker as a process of its own, so that a test can kill it at the worst moment: `node push-process.ts <settings as JSON>`. It ends only
 * by a signal.
 */
import { openDatabase } from '@skein/db'
import { createUntrustedGit } from '../../adapters/egress/untrusted-git.ts'
import { recordEvent } from '../../adapters/events/postgres-event-hub.ts'
import { PostgresGitStore } from '../../adapters/git/postgres-git-store.ts'
import { OctokitGithubHost } from '../../adapters/github/octokit-github-host.ts'
import { PushLoop } from '../push-loop.ts'

export interface PushProcessSettings {
  address: string
  cacheDir: string
  searchPath: string
  apiUrl: string
  gitUrl: string
  app: { id: string; privateKey: string }
}

const { address, cacheDir, searchPath, ...github }: PushProcessSettings = JSON.parse(process.argv[2] ?? '')
const db = openDatabase(address)
const loop = new PushLoop({
  db,
  git: new PostgresGitStore({ database: db, cacheDir, searchPath }),
  host: new OctokitGithubHost({ ...github, git: createUntrustedGit(searchPath) }),
  record: recordEvent,
  now: () => new Date(),
  random: Math.random,
  minIntervalMs: 100,
  logFault: (error) => process.stderr.write(`${String(error)}\n`),
})
await loop.start()
