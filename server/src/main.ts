/**
 * `node server/src/main.ts` runs Skein; with a word after it, it does one thing for an operator and ends. Compiled modules are kept
 * beside the dependencies: a start from them is faster and needs 30 MB less, which is why everything else is imported after that is set up.
 */

import { enableCompileCache } from 'node:module'
import path from 'node:path'

enableCompileCache(path.resolve(import.meta.dirname, '../../node_modules/.cache/skein-modules'))
const { StartRefused } = await import('@skein/db')
const { readConfig } = await import('./config/config.ts')
const { settleNodeEnvironment } = await import('./config/env.ts')

const commands: Record<string, (words: string[]) => Promise<void>> = {
  serve: async () => {
    const config = readConfig()
    settleNodeEnvironment(config.isDevelopment)
    await (await import('./serve.ts')).serve(config)
  },
  migrate: async () => (await import('./operator.ts')).migrateDatabase(readConfig()),
  repair: async (words) => (await import('./operator.ts')).repair(readConfig(), words),
  fsck: async (words) => (await import('./operator.ts')).fsck(readConfig(), words),
  backup: async ([file]) => (await import('./operator.ts')).backUp(readConfig(), file),
  restore: async ([file]) => (await import('./operator.ts')).restore(readConfig(), file),
  'rotate-key': async () => (await import('./operator.ts')).changeSecretKey(readConfig()),
  'reset-password': async ([email]) => (await import('./operator.ts')).resetPasswordOf(readConfig(), email),
}

const [name = 'serve', ...words] = process.argv.slice(2)
try {
  const command = commands[name]
  if (!command) throw new StartRefused(`There is no command ${name}. Commands: ${Object.keys(commands).join(', ')}.`)
  await command(words)
} catch (error) {
  process.stderr.write(`${error instanceof StartRefused ? error.message : (error as Error).stack}\n`)
  process.exit(1)
}
