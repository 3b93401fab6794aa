/**
 * The benchmarks: every `x.bench.ts` is a program that prints its figures and, for each goal, a line with `met` or `missed`. They
 * run one after the other, so that none disturbs another. `npm run bench -- collab` runs those whose path contains the word; `--quick` and
 * `--rounds=5` go to each of them. What they print as rows stands at the end in one table, with what each takes beside the first.
 */

import { readdirSync } from 'node:fs'
import path from 'node:path'
import { run } from './program.mjs'

const folders = ['packages', 'db/src', 'server/src', 'e2e']

/** As the rows are printed by server/src/collab/bench/figures.ts. */
const columns = ['what', 'measured', 'Skein', 'bare relay', 'y-websocket', 'Hocuspocus', 'Hocuspocus + PostgreSQL']

/** Runs the benchmarks whose path contains one of the words, or all; returns the exit code. */
export async function benchmark(args) {
  const words = args.filter((arg) => !arg.startsWith('--'))
  const options = args.filter((arg) => arg.startsWith('--'))
  const known = folders.flatMap(findBenchmarks)
  const files = known.filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  if (files.length === 0) {
    process.stderr.write(`No benchmark has ${words.join(' or ')} in its path. There are:\n  ${known.join('\n  ')}\n`)
    return 2
  }
  const failed = []
  const lines = []
  for (const file of files.sort()) {
    process.stdout.write(`\n── ${file}\n`)
    const env = { NODE_ENV: 'production' }
    const { code, output } = await run('node', ['--expose-gc', file, ...options], { env, isOverheard: true })
    lines.push(...output.split('\n'))
    if (code !== 0) failed.push(file)
  }
  writeTable(lines.filter((line) => line.startsWith('| ')))
  for (const line of lines) if (line.startsWith('  goal ')) process.stdout.write(`${line}\n`)
  process.stdout.write(
    `\n${files.length - failed.length} of ${files.length} benchmarks ran${failed.map((file) => `, ${file} failed`).join('')}\n`,
  )
  return failed.length > 0 ? 1 : 0
}

/** As Markdown; in brackets how much of it each takes beside Skein. */
function writeTable(rows) {
  if (rows.length === 0) return
  process.stdout.write(`\n| ${columns.join(' | ')} |\n|${columns.map((_, n) => (n < 2 ? '---|' : '---:|')).join('')}\n`)
  for (const row of rows) {
    const [what, measured, own, ...others] = row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    const beside = others.map((cell) => (Number(cell) > 0 && Number(own) > 0 ? `${cell} (${ratio(cell / own)})` : cell))
    process.stdout.write(`| ${[what, measured, own, ...beside].join(' | ')} |\n`)
  }
  process.stdout.write('\n')
}

const ratio = (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(0)}×`

function findBenchmarks(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const inner = path.join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : findBenchmarks(inner)
    return entry.name.endsWith('.bench.ts') ? [inner] : []
  })
}
