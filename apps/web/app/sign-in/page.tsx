import type { Metadata } from 'next'
import { queryToIntent, type SearchParams } from '../../features/account/intent.ts'
import { SignInPage } from '../../features/account/sign-in-page.tsx'

export const metadata: Metadata = { title: 'Sign in · Skein' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  return <SignInPage intent={await queryToIntent(searchParams)} />
}
