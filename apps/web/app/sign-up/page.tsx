import type { Metadata } from 'next'
import { queryToIntent, type SearchParams } from '../../features/account/intent.ts'
import { SignUpPage } from '../../features/account/sign-up-page.tsx'

export const metadata: Metadata = { title: 'Create an account · Skein' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  return <SignUpPage intent={await queryToIntent(searchParams)} />
}
