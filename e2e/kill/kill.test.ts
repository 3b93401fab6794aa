/** The kill loop in the ordinary run, and the control that shows that it could find a loss. More kills: `node e2e/kill/main.ts 200`. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { git, inFolder, withToken } from '../world/clone.ts'
import { type KillLoop, runKillLoop } from './kill-loop.ts'

const KILLS = 25
const CONTROL_KILLS_MAX = 15
const LOOP_MS_MAX = 600_000
const SNAPSHOT_MS_MAX = 30_000

test(
  'DL4: of what was called saved nothing is missing after 25 kills, and what was left dirty is committed',
  async () => {
    const loop = await runKillLoop({ kills: KILLS })
    try {
      expect(loop.result.lost).toEqual([])
      expect(loop.result.saved).toBeGreaterThan(KILLS * 10)
      await expectCommitted(loop)
    } finally {
      await loop.product.stop()
    }
  },
  LOOP_MS_MAX,
)

test(
  'DL4: the control, with acknowledgements from memory, loses some',
  async () => {
    const { product, result } = await runKillLoop({ kills: CONTROL_KILLS_MAX, fromMemory: true })
    await product.stop()
    expect(result.lost.length).toBeGreaterThan(0)
  },
  LOOP_MS_MAX,
)

/** Nobody asked for a snapshot since the last kill: the files that it left dirty are committed all the same, as their texts are. */
async function expectCommitted({ product, account }: KillLoop): Promise<void> {
  const { call, projectId, files, token, slug } = account
  const paths = files.map((file) => file.path)
  const { files: texts } = await call<{ files: { path: string; text: string }[] }>(
    'POST',
    `/projects/${projectId}/batch-read`,
    { paths },
  )
  const deadline = Date.now() + SNAPSHOT_MS_MAX
  for (;;) {
    const committed = await inFolder(async (folder) => {
      await git(folder, 'clone', '--quiet', withToken(`${product.url}/git/${slug}.git`, token), 'clone')
      return Promise.all(paths.map((file) => readFile(path.join(folder, 'clone', file), 'utf8').catch(() => null)))
    })
    if (texts.every(({ text }, i) => committed[i] === text)) return
    if (Date.now() > deadline) expect(committed).toEqual(texts.map(({ text }) => text))
    await sleep(250)
  }
}
