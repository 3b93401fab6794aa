'use client'
// Loads the offline page in the browser only: all that it shows is on the device.

import dynamic from 'next/dynamic'

const OfflinePage = dynamic(() => import('./offline-page.tsx'), { ssr: false })

export function OfflineEntry() {
  return <OfflinePage />
}
