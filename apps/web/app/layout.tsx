// The frame of every page: type, theme and the providers that all features share. The theme stands in the first bytes
// of the answer, so nothing flashes.

import type { Metadata, Viewport } from 'next'
import localFont from 'next/font/local'
import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { ToastProvider } from '../components/toast.tsx'
import { QueryProvider } from '../lib/query-provider.tsx'
import { cookieToTheme, themeCookie } from '../lib/theme.ts'
import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/controls.css'
import '../styles/people.css'
import '../styles/facts.css'
import '../styles/shell.css'
import '../styles/navigation.css'
import '../styles/overlays.css'
import '../styles/lists.css'

const geist = localFont({ src: '../fonts/Geist-Variable.woff2', variable: '--font-geist', weight: '100 900' })
const geistMono = localFont({
  src: '../fonts/GeistMono-Variable.woff2',
  variable: '--font-geist-mono',
  weight: '100 900',
  adjustFontFallback: false,
})

export const metadata: Metadata = {
  title: 'Skein',
  description: 'People, their devices and AI agents edit one Git project at the same moment.',
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f4f4f2' },
    { media: '(prefers-color-scheme: dark)', color: '#0e0f10' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = cookieToTheme((await cookies()).get(themeCookie)?.value)
  return (
    <html
      lang="en"
      className={`${geist.variable} ${geistMono.variable}`}
      {...(theme !== 'system' && { 'data-theme': theme })}
    >
      <body>
        <QueryProvider>
          <ToastProvider>{children}</ToastProvider>
        </QueryProvider>
      </body>
    </html>
  )
}
