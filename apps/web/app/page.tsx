// `/`: your workspaces when this browser has a session, else the landing page.

import { cookies } from 'next/headers'
import { Home } from '../features/landing/home.tsx'
import { Landing } from '../features/landing/landing.tsx'

export default async function Page() {
  const hasSession = (await cookies()).getAll().some((cookie) => cookie.name.endsWith('session_token'))
  return hasSession ? <Home /> : <Landing />
}
