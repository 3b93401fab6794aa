// The content security policy of every page. Scripts run only with the nonce of their own answer, which is why pages are
// rendered per request. Styles may be inline: CodeMirror and the overlays write them at run time.

const isDevelopment = process.env.NODE_ENV === 'development'

/**
 * `formTarget`: the one other origin that a form may go to, GitHub's; null for none. The admin's page posts the manifest of an App there, and is
 * reached from any other page without a new document, which would have a policy of its own.
 */
export function nonceToPolicy(nonce: string, formTarget: string | null = null): string {
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
    `form-action 'self'${formTarget === null ? '' : ` ${formTarget}`}`,
    `frame-ancestors 'none'`,
  ].join('; ')
}

/** The nonce of a policy of ours, for a script that a page writes itself. */
export const policyToNonce = (policy: string | null): string | undefined => policy?.match(/'nonce-([^']+)'/)?.[1]
