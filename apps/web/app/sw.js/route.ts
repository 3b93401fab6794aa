// The service worker as the browser gets it: made once, at the end of the build, when the assets of the build are known. A
// build with other assets is another worker.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import path from 'node:path'

export const dynamic = 'force-static'

/** The build runs in the folder of the app. */
const STATIC = path.resolve('.next/static')
const SOURCE = path.resolve('features/offline/service-worker.ts')

function listAssets(): string[] {
  return readdirSync(STATIC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(STATIC, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
    .map((name) => `/_next/static/${encodeURI(name)}`)
}

export function GET(): Response {
  const assets = JSON.stringify(listAssets())
  const build = createHash('sha256').update(assets).digest('hex').slice(0, 16)
  const source = stripTypeScriptTypes(readFileSync(SOURCE, 'utf8'))
  return new Response(`const BUILD = '${build}'\nconst ASSETS = ${assets}\n${source}`, {
    headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' },
  })
}
