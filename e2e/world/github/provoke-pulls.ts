/** One provocation for every refusal of a pull request. */
import { expect } from 'vitest'
import { everyPermission, type Seen, type Visitor } from './visitor.ts'

export function pullProvocations(visitor: Visitor): Record<string, () => Promise<Seen>> {
  const { github, api, mintToken, makePlace } = visitor
  /** A repository with a branch of work, and one without any history in common. */
  const pullPlace = async () => {
    const place = await makePlace({}, everyPermission)
    const files = [{ path: 'b.txt', content: 'b' }]
    const onTop = (await github.readRef(place.repositoryId, 'refs/heads/main')) ?? ''
    await github.commit(place.repositoryId, { branch: 'work', onTop, files })
    await github.commit(place.repositoryId, { branch: 'other', fromScratch: true, files })
    return { place, token: await mintToken(place, everyPermission) }
  }
  const calling = async (method: string, rest: string, body?: unknown, times = 1): Promise<Seen> => {
    const { place, token } = await pullPlace()
    const path = `/repos/${place.name}/pulls${rest}`
    for (let time = 1; time < times; time += 1) await api(method, path, token, body)
    return api(method, path, token, body)
  }
  return {
    'comment-body': async () => {
      const { place, token } = await pullPlace()
      await api('POST', `/repos/${place.name}/pulls`, token, { title: 'T', head: 'work', base: 'main' })
      return api('POST', `/repos/${place.name}/issues/1/comments`, token, {})
    },
    'pull-unknown': () => calling('GET', '/7'),
    'pull-title': () => calling('POST', '', { head: 'work', base: 'main' }),
    'pull-head': () => calling('POST', '', { title: 'T', head: 'none', base: 'main' }),
    'pull-base': () => calling('POST', '', { title: 'T', head: 'work', base: 'none' }),
    'pull-exists': async () => {
      const seen = await calling('POST', '', { title: 'T', head: 'work', base: 'main' }, 2)
      return { ...seen, text: seen.text.replace(/for acme:work/, 'for %s') }
    },
    'pull-empty': async () => {
      const seen = await calling('POST', '', { title: 'T', head: 'main', base: 'work' })
      return { ...seen, text: seen.text.replace('between work and main', 'between %s and %s') }
    },
    'pull-unrelated': async () => {
      const seen = await calling('POST', '', { title: 'T', head: 'other', base: 'main' })
      return { ...seen, text: seen.text.replace(/The other (.*) main/, 'The %s $1 %s') }
    },
    'pull-state': async () => {
      const { place, token } = await pullPlace()
      const path = `/repos/${place.name}/pulls`
      await api('POST', path, token, { title: 'T', head: 'work', base: 'main' })
      await github.deleteBranch(place.repositoryId, 'work')
      const seen = await api('PATCH', `${path}/1`, token, { state: 'open' })
      expect(seen.text).toContain('state cannot be changed. The work branch has been deleted.')
      return { ...seen, text: seen.text.replace(/state cannot[^"]*/, '%s') }
    },
  }
}
