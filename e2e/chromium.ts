/**
 * Which browser the tests drive: $CHROMIUM, else the system's Chromium, else the one that ships inside an npm package (Linux x64; it needs
 * neither a download nor apt). Elsewhere Playwright's own channel is used.
 */
import { existsSync } from 'node:fs'

/** Chromium in a closed network: without these it looks up its maker's hosts at every start. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const SYSTEM_CHROMIUM = '/usr/bin/chromium'

export async function chromiumPath(): Promise<string | undefined> {
  if (process.env.CHROMIUM) return process.env.CHROMIUM
  if (existsSync(SYSTEM_CHROMIUM)) return SYSTEM_CHROMIUM
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  // Makes the package unpack the libraries that a bare machine lacks (libnss3 and others), too.
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs24.x'
  const { default: chromium } = await import('@sparticuz/chromium')
  process.env.CHROMIUM = await chromium.executablePath()
  return process.env.CHROMIUM
}
