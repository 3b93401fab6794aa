/** `node e2e/kill/main.ts [kills]`: the kill loop for as long as one likes. */
import { runKillLoop } from './kill-loop.ts'

const kills = Number(process.argv[2] ?? 200)
if (!Number.isInteger(kills) || kills < 1) {
  process.stderr.write('How many kills? Use: npm run test:kill -- 200\n')
  process.exit(2)
}
const { product, result } = await runKillLoop({
  kills,
  onKill: (kill, { saved, lost }) => process.stdout.write(`kill ${kill}: ${saved} saved, ${lost.length} lost\n`),
})
await product.stop()
if (result.lost.length > 0) {
  process.stderr.write(`Lost: ${result.lost.join(' ')}\n`)
  process.exitCode = 1
}
