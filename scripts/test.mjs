/**
 * All tests, in one sum: the checks of the source (each counts as one test), Vitest, and the stories in a browser. Everything runs
 * even when something failed before; the last line is `N passed, N failed`.
 */

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { run } from './program.mjs'

const reports = 'node_modules/.cache/skein-tests'
const browserReport = 'e2e/test-results/report.json'

const workspaces = ['protocol', 'document', 'merge', 'git-model', 'git-sync', 'editor'].map(
  (name) => `packages/${name}`,
)
const typed = [...workspaces, 'db', 'server', 'apps/web', 'e2e']

const checks = [
  { name: 'format and lint (biome)', command: ['biome', 'ci', '--colors=off', '.'] },
  { name: 'import cycles and restricted imports (oxlint)', command: ['oxlint', '--quiet'] },
  { name: 'boundaries between packages (turbo)', command: ['turbo', 'boundaries'] },
  { name: 'nothing unused (knip)', command: ['knip', '--no-progress'] },
  ...typed.map((folder) => ({ name: `types of ${folder}`, command: ['tsc', '-p', folder, '--pretty', 'false'] })),
]

/** Two at a time: more would only wait for each other on a small machine. */
const checksAtOnce = 2

/** The checks of the source alone; returns the exit code. */
export async function check() {
  return finish(await runChecks())
}

/** Everything; returns the exit code. `mayNotSkip`: a skipped test counts as a failure of the run. */
export async function test({ mayNotSkip }) {
  rmSync(reports, { recursive: true, force: true })
  mkdirSync(reports, { recursive: true })
  rmSync(browserReport, { force: true })
  const sums = [await runChecks(), await runBuild(), await runVitest(), await runBrowser()]
  return finish(sums.reduce(add), mayNotSkip)
}

async function runChecks() {
  const waiting = [...checks]
  const sums = []
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) sums.push(await runStep(next))
  }
  await Promise.all(Array.from({ length: checksAtOnce }, worker))
  return sums.reduce(add)
}

const runBuild = () =>
  runStep({ name: 'the pages build', command: ['turbo', 'run', 'build', '--output-logs=errors-only'] })

async function runStep({ name, command: [program, ...args] }) {
  const { code, output } = await run(program, args, { isCaptured: true })
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${name}\n${code === 0 ? '' : `${output}\n`}`)
  return { ...nothing(), [code === 0 ? 'passed' : 'failed']: 1 }
}

async function runVitest() {
  const report = path.join(reports, 'vitest.json')
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { code } = await run('vitest', args)
  return sumOf(report, code, ({ numPassedTests, numFailedTests, numPendingTests, numTodoTests }) => ({
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests + numTodoTests,
  }))
}

async function runBrowser() {
  const { code } = await run('npm', ['run', '--silent', '-w', 'e2e', 'test'])
  return sumOf(browserReport, code, ({ stats }) => ({
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    skipped: stats.skipped,
  }))
}

/** A runner that failed without naming a failed test (a broken file, a crash) counts as one failure. */
function sumOf(report, code, read) {
  const sum = existsSync(report) ? read(JSON.parse(readFileSync(report, 'utf8'))) : nothing()
  return code !== 0 && sum.failed === 0 ? { ...sum, failed: 1 } : sum
}

const nothing = () => ({ passed: 0, failed: 0, skipped: 0 })

const add = (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped })

function finish({ passed, failed, skipped }, mayNotSkip = false) {
  if (mayNotSkip && skipped > 0) process.stdout.write('\nTests were skipped, which this run does not allow.\n')
  process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  return failed > 0 || (mayNotSkip && skipped > 0) ? 1 : 0
}
