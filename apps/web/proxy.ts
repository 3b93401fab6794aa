// Gives every page its content security policy, with a nonce of its own.

import { type NextRequest, NextResponse } from 'next/server'
import { nonceToPolicy } from './lib/content-policy.ts'

/** Gives a page its policy: in the request, where Next reads the nonce, and in the answer. */
export function proxy(request: NextRequest): NextResponse {
  const policy = nonceToPolicy(crypto.randomUUID(), request.headers.get('x-skein-github'))
  const headers = new Headers(request.headers)
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  return response
}

export const config = { matcher: ['/((?!_next/static|api/|favicon.ico|icon.svg).*)'] }
