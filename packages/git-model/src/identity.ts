// Names and addresses in a commit stand between `<`, `>` and line ends, and Git writes them as they are: a person
// called `Eve <root@x>\nparent …` would forge the rest of the commit. So every identity is cleaned before it is
// written.

/** Somebody in a commit: a display name and an address (by default a no-reply one; private ones never get here). */
export type Identity = { name: string; email: string }

/** Longest cleaned name or address, in characters; enough for any person and too little for a payload. */
export const identityCharactersMax = 200

// Control characters and line separators of Unicode, the brackets Git uses, and the marks that reverse text order.
const unsafeInIdentity = /[\p{Cc}\u2028\u2029<>\u202a-\u202e\u2066-\u2069]/gu
// Git itself drops these from both ends of a name, and a name of nothing else makes `git commit` refuse.
const crudAtEnds = /^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g

/**
 * Makes an identity safe to write: no line ends, no brackets; what is left empty becomes `Somebody` or
 * `nobody@invalid`.
 */
export function cleanIdentity(identity: Identity): Identity {
  const name = clean(identity.name, ' ').replace(/ +/g, ' ')
  const email = clean(identity.email, '').replace(/\s/g, '')
  return {
    name: cut(name).replace(crudAtEnds, '') || 'Somebody',
    email: cut(email).replace(crudAtEnds, '') || 'nobody@invalid',
  }
}

function clean(text: string, instead: string): string {
  return text.toWellFormed().replace(unsafeInIdentity, instead).replace(crudAtEnds, '')
}

function cut(text: string): string {
  return [...text].slice(0, identityCharactersMax).join('')
}

/** An identity as headers and trailers write it: `Name <address>`, cleaned. */
export function encodeIdentity(identity: Identity): string {
  const { name, email } = cleanIdentity(identity)
  return `${name} <${email}>`
}
