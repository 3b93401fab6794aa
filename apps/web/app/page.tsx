// `/`: your workspaces when this browser has a session, else the landing page.

import { hasSessionCookie } from '../features/account/session-cookie.ts'
import { Home } from '../features/landing/home.tsx'
import { Landing } from '../features/landing/landing.tsx'

export default async function Page() {
  return (await hasSessionCookie()) ? <Home /> : <Landing />
}
