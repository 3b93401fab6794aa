// The page that the service worker keeps and shows when the server is away, at whatever address was asked for. It is fetched
// without cookies and is the same for everybody; whose device it is on, it finds out there. The theme is the one thing that
// must be right before the first paint, and the cookie of it can only be read by a script then.

import { headers } from 'next/headers'
import { OfflineEntry } from '../../features/offline/offline-entry.tsx'
import { policyToNonce } from '../../lib/content-policy.ts'
import { showThemeScript } from '../../lib/theme.ts'

export default async function Page() {
  const nonce = policyToNonce((await headers()).get('content-security-policy'))
  return (
    <>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own words, let through by the nonce of this very answer */}
      <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: showThemeScript }} />
      <OfflineEntry />
    </>
  )
}
