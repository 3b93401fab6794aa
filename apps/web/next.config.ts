// How Next builds the pages. The server (server/src/services/web.ts) runs the result in its own process, so there is
// no standalone output; packages are TypeScript sources and are compiled here.

import path from 'node:path'
import type { NextConfig } from 'next'

const repositoryRoot = path.resolve(import.meta.dirname, '../..')

const securityHeaders = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  // Addresses can hold an invitation; other sites never see them.
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=()' },
]

const config: NextConfig = {
  turbopack: { root: repositoryRoot },
  outputFileTracingRoot: repositoryRoot,
  transpilePackages: ['@skein/editor', '@skein/protocol'],
  poweredByHeader: false,
  reactStrictMode: true,
  // Types are checked by the task of that name, over the whole repository; the build is what `npm start` waits for.
  typescript: { ignoreBuildErrors: true },
  // `next dev` neither draws on the page nor writes files of its own into the repository.
  devIndicators: false,
  agentRules: false,
  headers: async () => [{ source: '/:path*', headers: securityHeaders }],
}

export default config
