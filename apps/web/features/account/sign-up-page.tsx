'use client'
// Creating an account, on a page of its own: the way of a pasted Git URL.

import Link from 'next/link'
import { LinkButton } from '../../components/button.tsx'
import { useAfterSignIn } from './after-sign-in.ts'
import { FrontPage } from './front-page.tsx'
import { intentToQuery, type SignInIntent } from './intent.ts'
import { SignUpForm } from './sign-up-form.tsx'

/** The sign-up page; `intent` is kept on the way to signing in. */
export function SignUpPage({ intent }: { intent: SignInIntent }) {
  const afterSignIn = useAfterSignIn(intent)
  const signInPath = `/sign-in${intentToQuery(intent)}`
  return (
    <FrontPage aside={<LinkButton href={signInPath}>Sign in</LinkButton>}>
      <h1>Create an account</h1>
      <p>
        {intent.gitUrl ? (
          <>
            Then <code>{intent.gitUrl}</code> is imported with its history.
          </>
        ) : (
          'It comes with a workspace of your own and a demo project that is already open.'
        )}
      </p>
      <SignUpForm action="Create account" onSignedUp={afterSignIn} />
      <p className="front-other">
        Have an account?{' '}
        <Link className="link" href={signInPath}>
          Sign in
        </Link>
      </p>
    </FrontPage>
  )
}
