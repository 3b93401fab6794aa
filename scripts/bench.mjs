/**
 * The benchmarks: every `x.bench.ts` is a program that prints its figures and, for each goal, a line with `met` or `missed`. They
 * run one after the other, so that none disturbs another.
 */

import { readdirSync } from 'node:fs'
import path from 'node:path'
import { run } from './program.mjs'

const folders = ['packages', 'db/src', 'server/src', 'e2e']

/** Runs the benchmarks whose path contains one of the words, or all; returns the exit code. */
export async function benchmark(words) {
  const files = folders
    .flatMap(findBenchmarks)
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  const failed = []
  for (const file of files.sort()) {
    process.stdout.write(`\n── ${file}\n`)
    const { code } = await run('node', ['--expose-gc', file], { env: { NODE_ENV: 'production' } })
    if (code !== 0) failed.push(file)
  }
  process.stdout.write(
    `\n${files.length - failed.length} benchmarks ran${failed.map((file) => `, ${file} failed`).join('')}\n`,
  )
  return failed.length > 0 ? 1 : 0
}

function findBenchmarks(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const inner = path.join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : findBenchmarks(inner)
    return entry.name.endsWith('.bench.ts') ? [inner] : []
  })
}
