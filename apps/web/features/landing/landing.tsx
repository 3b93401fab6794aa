'use client'
// What a visitor sees: the promise, a Git URL to start from, and an account in three fields. A URL that was typed is
// kept, whichever of the two buttons is pressed.

import { ArrowRight } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button, LinkButton } from '../../components/button.tsx'
import { Field } from '../../components/field.tsx'
import { GitUrlInput } from '../../components/git-url-input.tsx'
import { Icon } from '../../components/icon.tsx'
import { useAfterSignIn } from '../account/after-sign-in.ts'
import { FrontTop } from '../account/front-page.tsx'
import { intentToQuery } from '../account/intent.ts'
import { SignUpForm } from '../account/sign-up-form.tsx'
import { Picture, Thread } from './picture.tsx'
import './landing.css'

/** The landing page. */
export function Landing() {
  const router = useRouter()
  const [gitUrl, setGitUrl] = useState('')
  const intent = { next: null, gitUrl: gitUrl.trim() || null }
  const afterSignIn = useAfterSignIn(intent)

  return (
    <>
      <FrontTop>
        <LinkButton href={`/sign-in${intentToQuery(intent)}`}>Sign in</LinkButton>
      </FrontTop>
      <main className="landing">
        <section className="pitch">
          <h1>Everyone in the same file. Nothing lost.</h1>
          <p className="lead">
            People and their devices edit one Git project at the same moment. Every edit is saved as you type and
            committed when it goes quiet.
          </p>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              router.push(`/sign-up${intentToQuery(intent)}`)
            }}
          >
            <Field
              label="Paste any Git URL"
              hint={
                <>
                  Imported once you have an account.{' '}
                  <a className="link" href="#sign-up">
                    Or try the demo project
                  </a>
                </>
              }
            >
              {(control) => (
                <div className="row">
                  <GitUrlInput
                    {...control}
                    className="input-lg grow"
                    value={gitUrl}
                    onChange={(event) => setGitUrl(event.target.value)}
                  />
                  <Button type="submit" size="lg">
                    Open <Icon of={ArrowRight} size="sm" />
                  </Button>
                </div>
              )}
            </Field>
          </form>
          <div className="sign-up" id="sign-up">
            <h2>Create an account</h2>
            <SignUpForm action="Create account" onSignedUp={afterSignIn} />
          </div>
        </section>
        <section className="proof" aria-label="How it looks">
          <Picture />
          <Thread />
        </section>
      </main>
    </>
  )
}
