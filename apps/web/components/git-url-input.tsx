// The input for a Git URL. It is not of type `url`: that would refuse `git@host:path`, about which the server has a better
// sentence than the browser.

import type { ComponentProps } from 'react'

/** A line of code type for an address; nothing corrects or completes what is typed. */
export function GitUrlInput({ className = '', ...input }: ComponentProps<'input'>) {
  return (
    <input
      {...input}
      className={`input mono ${className}`.trim()}
      type="text"
      inputMode="url"
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      required
      placeholder="https://github.com/…"
    />
  )
}
