// The frame of pages for people who are not signed in: the name of the product, one way elsewhere, one column.

import Link from 'next/link'
import type { ReactNode } from 'react'
import { SkeinMark } from '../../components/icon.tsx'
import './account.css'

/** The top bar of a page outside of any workspace; `children` is what stands at its end. */
export function FrontTop({ children }: { children?: ReactNode }) {
  return (
    <header className="front-top">
      <Link className="brand" href="/">
        <SkeinMark /> Skein
      </Link>
      <span className="grow" />
      {children}
    </header>
  )
}

/** A page of one narrow column under the top bar. */
export function FrontPage({ aside, children }: { aside?: ReactNode; children: ReactNode }) {
  return (
    <>
      <FrontTop>{aside}</FrontTop>
      <main className="front-column">{children}</main>
    </>
  )
}
