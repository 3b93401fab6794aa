import type { Metadata } from 'next'
import type { SearchParams } from '../../../features/account/intent.ts'
import { RefusedPage } from '../../../features/github/refused-page.tsx'

export const metadata: Metadata = { title: 'GitHub is not connected · Skein' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  const { reason } = await searchParams
  return <RefusedPage reason={typeof reason === 'string' ? reason : ''} />
}
