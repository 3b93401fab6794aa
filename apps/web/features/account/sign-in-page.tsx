'use client'
// Signing in, on a page of its own.

import Link from 'next/link'
import { LinkButton } from '../../components/button.tsx'
import { useAfterSignIn } from './after-sign-in.ts'
import { FrontPage } from './front-page.tsx'
import { intentToQuery, type SignInIntent } from './intent.ts'
import { SignInForm } from './sign-in-form.tsx'

/** The sign-in page; `intent` is kept on the way to signing up. */
export function SignInPage({ intent }: { intent: SignInIntent }) {
  const afterSignIn = useAfterSignIn(intent)
  const signUpPath = `/sign-up${intentToQuery(intent)}`
  return (
    <FrontPage aside={<LinkButton href={signUpPath}>Create account</LinkButton>}>
      <h1>Sign in</h1>
      {intent.gitUrl && (
        <p>
          Then <code>{intent.gitUrl}</code> is imported.
        </p>
      )}
      <SignInForm action="Sign in" onSignedIn={() => afterSignIn()} />
      <p className="front-other">
        No account yet?{' '}
        <Link className="link" href={signUpPath}>
          Create one
        </Link>
        . Forgot your password? Whoever runs this Skein can reset it.
      </p>
    </FrontPage>
  )
}
