/**
 * What `npm start`, `npm test` and the other verbs call. It runs on whatever Node the machine has (18 or later, built-ins only):
 * installs what is missing, builds what is stale, and hands over to the Node 24 that is among the dependencies.
 */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { benchmark } from './bench.mjs'
import { hasNode, root, run } from './program.mjs'
import { check, test } from './test.mjs'

process.chdir(root)

/** Installs exactly what the lockfile names, unless that was done already. */
async function install() {
  const stamp = 'node_modules/.installed'
  const hash = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  process.stdout.write('Installing the dependencies (once, about a minute) …\n')
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const { code } = await run('npm', args)
  if (code !== 0) process.exit(code)
  writeFileSync(stamp, hash)
}

async function build() {
  if (!existsSync('apps/web/.next/BUILD_ID')) process.stdout.write('Building the pages (once, some seconds) …\n')
  const { code, output } = await run('turbo', ['run', 'build', '--output-logs=errors-only'], { isCaptured: true })
  if (code === 0) return
  process.stderr.write(output)
  process.exit(code)
}

/**
 * Compiled modules are kept, so that a start is faster and the compiler of TypeScript is never loaded (30 MB). Young objects have the usual room:
 * less of it would save an idle server 40 MB, and cost a busy one a fifth of its time.
 */
const serve = async (mode) => {
  const env = { NODE_ENV: mode, NODE_COMPILE_CACHE: path.join(root, 'node_modules/.cache/skein-modules') }
  return (await run('node', ['server/src/main.ts'], { env })).code
}

/** One of our own programs, with what else was said on the command line. */
const program = async (...args) => (await run('node', [...args, ...process.argv.slice(3)])).code

const verbs = {
  start: async () => {
    await build()
    return serve('production')
  },
  dev: () => serve('development'),
  build: async () => {
    await build()
    return 0
  },
  test: () => test({ mayNotSkip: process.argv.includes('--no-skips') }),
  'test:fuzz': async () => (await run('vitest', ['run', '--project', 'fuzz', ...process.argv.slice(3)])).code,
  'test:kill': async () => {
    await build()
    return program('e2e/kill/main.ts')
  },
  faults: async () => {
    await build()
    return program('e2e/faults/main.ts')
  },
  cluster: async () => {
    await build()
    return program('e2e/world/cluster/main.ts')
  },
  'db:migrate': () => program('server/src/main.ts', 'migrate'),
  backup: () => program('server/src/main.ts', 'backup'),
  restore: () => program('server/src/main.ts', 'restore'),
  repair: () => program('server/src/main.ts', 'repair'),
  fsck: () => program('server/src/main.ts', 'fsck'),
  'rotate-key': () => program('server/src/main.ts', 'rotate-key'),
  'reset-password': () => program('server/src/main.ts', 'reset-password'),
  check: () => check(),
  bench: async () => {
    await build()
    return benchmark(process.argv.slice(3))
  },
}

const verb = verbs[process.argv[2]]
if (!verb) {
  process.stderr.write(`Usage: node scripts/run.mjs ${Object.keys(verbs).join('|')}\n`)
  process.exit(2)
}
await install()
if (!hasNode()) {
  process.stderr.write(
    'There is no Node 24 for this kind of machine among the dependencies. Install Node 24 or later and start again.\n',
  )
  process.exit(1)
}
process.exitCode = await verb()
