// What somebody wanted before they were asked to sign in. It travels in the address (`?next=`, `?git=`), so it survives
// a reload and the change from signing up to signing in.

/** `next`: the page that asked; `gitUrl`: a URL to import. */
export type SignInIntent = { next: string | null; gitUrl: string | null }

/** The query of a page as Next hands it over. */
export type SearchParams = Promise<Record<string, string | string[] | undefined>>

/**
 * Only paths of this origin are followed; anything else would let a link send people to another site. Browsers read `\` as
 * `/` and leave out tabs and line ends, so a path with one of these is none.
 */
function safeNext(next: string | null): string | null {
  return next && /^\/(?!\/)[^\\\s]*$/.test(next) ? next : null
}

/** Reads the intent from a page's query. */
export async function queryToIntent(query: SearchParams): Promise<SignInIntent> {
  const { next, git } = await query
  return {
    next: safeNext(typeof next === 'string' ? next : null),
    gitUrl: typeof git === 'string' && git !== '' ? git.slice(0, 2000) : null,
  }
}

/** The intent as the query of another page, with its `?`; empty when there is none. */
export function intentToQuery({ next, gitUrl }: SignInIntent): string {
  const query = new URLSearchParams()
  if (next) query.set('next', next)
  if (gitUrl) query.set('git', gitUrl)
  return query.size > 0 ? `?${query}` : ''
}
