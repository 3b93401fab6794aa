/** Loaded before any measured server: tells its parent, when asked, what memory it holds after everything unused was given back. */
import { setTimeout as sleep } from 'node:timers/promises'

process.on('message', async () => {
  for (let n = 0; n < 3; n++) {
    globalThis.gc()
    await sleep(20)
  }
  process.send({ memory: process.memoryUsage() })
})
