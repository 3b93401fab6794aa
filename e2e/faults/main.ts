/** `npm run faults -- [test|quick|release] [words]`: breaks real parts under load and says what held; with words, only faults whose name has one. */
import { faultsOf, SIZES, type Size } from './faults.ts'

const said = process.argv.slice(2)
const size = SIZES.find((each) => said.includes(each)) ?? ('quick' satisfies Size)
const words = said.filter((word) => word !== size)
const known = faultsOf(size)
const chosen = known.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
if (chosen.length === 0) {
  const names = known.map(({ name }) => `  ${name}`).join('\n')
  process.stderr.write(`No fault of the size ${size} has ${words.join(' or ')} in its name. There are:\n${names}\n`)
  process.exit(2)
}
const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
const wrong: string[] = []
for (const { name, run } of chosen) {
  process.stdout.write(`\n── ${name}\n`)
  const found = await run(size, (line) => process.stdout.write(`${line}\n`)).catch((error: unknown) => [String(error)])
  wrong.push(...found)
  for (const line of found) process.stdout.write(`✗ ${line}\n`)
}
process.stdout.write(
  `\n${counted(chosen.length, 'kind of fault', 'kinds of faults')}, ${counted(wrong.length, 'broken promise', 'broken promises')}\n`,
)
process.exitCode = wrong.length > 0 ? 1 : 0
