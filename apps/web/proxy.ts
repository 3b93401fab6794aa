// The content security policy of every page. Scripts run only with the nonce of their own answer, which is why pages
// are rendered per request. Styles may be inline: CodeMirror and the overlays write them at run time.

import { type NextRequest, NextResponse } from 'next/server'

const isDevelopment = process.env.NODE_ENV === 'development'

function nonceToPolicy(nonce: string): string {
  return [
    `default-src 'self'`,
    // React's development build makes stacks with eval; the production build never does.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? ` 'unsafe-eval'` : ''}`,
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `worker-src 'self' blob:`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}

/** Gives a page its policy: in the request, where Next reads the nonce, and in the answer. */
export function proxy(request: NextRequest): NextResponse {
  const policy = nonceToPolicy(crypto.randomUUID())
  const headers = new Headers(request.headers)
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  return response
}

export const config = { matcher: ['/((?!_next/static|api/|favicon.ico|icon.svg).*)'] }
