/** The thread of `secret-threads.ts`: looks at one text with the rules of secretlint. */
import { parentPort } from 'node:worker_threads'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import type { FoundSecret } from '../../commands/secrets/secret-scanner.ts'

export interface ToThread {
  path: string
  text: string
}

const rulePrefix = '@secretlint/secretlint-rule-'

async function look({ path, text }: ToThread): Promise<FoundSecret[]> {
  const result = await lintSource({
    source: { filePath: path, content: text, ext: /\.[^./]*$/.exec(path)?.[0] ?? '', contentType: 'text' },
    options: { noPhysicFilePath: true, maskSecrets: true, config: { rules: [{ id: 'recommended', rule: creator }] } },
  })
  return result.messages
    .filter(({ severity }) => severity === 'error')
    .map(({ loc, ruleId, message, range: [from, to] }) => ({
      line: loc.start.line,
      rule: ruleId.replace(rulePrefix, ''),
      message,
      secret: text.slice(from, to),
    }))
}

parentPort?.on('message', (message: ToThread) => {
  // A rule that fails on a text must not take the others' answers with it: the thread ends, and the asker hears why.
  look(message).then(
    (found) => parentPort?.postMessage(found),
    (error: unknown) =>
      setImmediate(() => {
        throw error
      }),
  )
})
