/** The version of this installation, as its package names it. */

import { readFileSync } from 'node:fs'
import path from 'node:path'

export function readVersion(): string {
  const file = path.resolve(import.meta.dirname, '../../package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
