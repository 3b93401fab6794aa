/** Slugs: the short names in addresses. `Ana Lima’s notes` becomes `ana-lima-s-notes`; a taken one gets a number. */

const LENGTH_MAX = 40
const NUMBERED_MAX = 20

/** Lower-case letters a–z, digits and single hyphens, 1–40 characters; `fallback` when nothing of the name can be written so. */
export function nameToSlug(name: string, fallback: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const slug = plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LENGTH_MAX)
    .replace(/^-+|-+$/g, '')
  return slug || fallback
}

/** The slug, then `slug-2` … `slug-20`, then one that ends in `random`, to be tried in this order. */
export function* slugCandidates(slug: string, random: string): Generator<string> {
  yield slug
  for (let n = 2; n <= NUMBERED_MAX; n++) yield `${slug}-${n}`
  yield `${slug}-${random}`
}
