/** The object graph of the product over a test's database, built as a process builds it; nothing runs. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Database } from '@skein/db'
import { readConfig } from '../config/config.ts'
import { createSecrets } from '../config/secrets.ts'
import { type Context, createContext } from '../context.ts'
import { createLog } from '../observability/log.ts'
import { createMetrics } from '../observability/metrics.ts'
import { testSearchPath } from './world.ts'

/** Builds the context; the caller removes `dataDir` at the end. */
export async function createTestContext(
  database: Database,
  settings: Record<string, string> = {},
): Promise<{ context: Context; dataDir: string }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'skein-test-'))
  const config = readConfig({ DATA_DIR: dataDir, PATH: testSearchPath, LOG_LEVEL: 'silent', ...settings })
  const context = await createContext({
    config,
    version: '0.0.0-test',
    database,
    secrets: createSecrets('a secret key of a test, thirty-two long'),
    mayCommit: () => true,
    log: createLog('silent'),
    metrics: createMetrics(),
  })
  return { context, dataDir }
}
