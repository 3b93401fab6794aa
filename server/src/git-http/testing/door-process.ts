/**
 * The Git door as a process of its own, which kills itself at a step of a push: `node door-process.ts <settings as JSON>`. It prints its port when it
 * listens.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { openDatabase } from '@skein/db'
import { createPostgresBlobStore } from '../../adapters/blob/postgres-blob-store.ts'
import { createUntrustedGit } from '../../adapters/egress/untrusted-git.ts'
import { recordEvent } from '../../adapters/events/postgres-event-hub.ts'
import { GitProgram } from '../../adapters/git/git-program.ts'
import { createPackIntake } from '../../adapters/git/pack-intake.ts'
import { PostgresGitStore } from '../../adapters/git/postgres-git-store.ts'
import { GitTextMerge } from '../../adapters/git/text-merge.ts'
import { startCollab } from '../../collab/testing/server.ts'
import { PushTurns } from '../../commands/receive/turns.ts'
import { createGitDoor } from '../git-door.ts'

export interface DoorProcessSettings {
  address: string
  folder: string
  searchPath: string
  /** A step of the push, or of the pull that it becomes. */
  dieAt: string
}

const { address, folder, searchPath, dieAt }: DoorProcessSettings = JSON.parse(process.argv[2] ?? '')
const db = openDatabase(address)
const store = new PostgresGitStore({ database: db, cacheDir: path.join(folder, 'git'), searchPath })
const { collab } = await startCollab(db)
const die = async (step: string) => {
  if (step === dieAt) process.kill(process.pid, 'SIGKILL')
}
const logFault = (error: unknown) => void process.stderr.write(`${String(error)}\n`)
const blobs = createPostgresBlobStore(db)
const door = createGitDoor({
  db,
  store,
  git: new GitProgram(searchPath),
  receiving: {
    db,
    git: store,
    snapshot: { database: db, objects: store, blobs, recordEvent, noReplyHost: 'skein.test' },
    documents: collab.liveDocuments,
    merge: new GitTextMerge({ searchPath, directory: path.join(folder, 'merge') }),
    logFault,
    intake: createPackIntake(createUntrustedGit(searchPath)),
    turns: new PushTurns(),
    onStep: die,
    onPushStep: die,
  },
  now: () => new Date(),
  logFault,
})
const server = createServer((incoming, response) => void door.handle(incoming, response))
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
// It must not outlive the test that started it: its standard input closes with the test's process.
process.stdin.on('end', () => process.exit(0)).resume()
