import type { Metadata } from 'next'
import { MePage } from '../../features/me/me-page.tsx'

export const metadata: Metadata = { title: 'Your settings · Skein' }

export default function Page() {
  return <MePage />
}
