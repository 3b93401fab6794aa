/** Which names of branches are used: those that Git allows, and that mean nothing else in a refspec or a URL. */

const charactersMax = 200
const forbidden = /[\s\p{Cc}~^:?*[\\]|\.\.|@\{|\/\/|^[-/.]|[/.]$|\/\.|\.lock(?:\/|$)/u

/** Whether `name`, which follows `refs/heads/`, may be the name of a branch. */
export const isBranchName = (name: string): boolean =>
  name !== '' && name !== '@' && name.length <= charactersMax && !forbidden.test(name)
