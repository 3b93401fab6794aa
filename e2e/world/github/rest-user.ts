/** What the person who signed in through the App sees: themselves, and the installations and repositories that they may administer. */
import { type Call, type Route, requirePerson } from './access.ts'
import { answerJson, answerPage, Refused } from './answers.ts'
import { presentInstallation, presentRepository, presentUser } from './present.ts'
import { type Installation, repositoriesOf } from './state.ts'

export const userRoutes: Route[] = [
  { method: 'GET', pattern: /^\/user$/, answer: getUser },
  { method: 'GET', pattern: /^\/user\/installations$/, answer: listInstallations },
  { method: 'GET', pattern: /^\/user\/installations\/(\d+)\/repositories$/, answer: listRepositories },
]

function getUser(call: Call): void {
  requirePerson(call)
  answerJson(call, 200, presentUser(call.world.person.login))
}

function installationsOf(call: Call): Installation[] {
  requirePerson(call)
  const { accounts } = call.world.person
  return [...call.world.installations.values()].filter(({ account }) => accounts.includes(account))
}

function listInstallations(call: Call): void {
  const all = installationsOf(call)
  answerPage(call, all, (page) => ({
    total_count: all.length,
    installations: page.map((installation) => presentInstallation(call.world, installation)),
  }))
}

function listRepositories(call: Call): void {
  const installation = installationsOf(call).find(({ id }) => id === Number(call.parts[0]))
  if (installation === undefined) throw new Refused('installation-unknown')
  const all = repositoriesOf(call.world, installation)
  const { readsOnly = [] } = call.world.person
  const rights = (id: number) => ({ admin: !readsOnly.includes(id), push: !readsOnly.includes(id), pull: true })
  answerPage(call, all, (page) => ({
    total_count: all.length,
    repositories: page.map((repository) => ({
      ...presentRepository(call.world, repository),
      permissions: rights(repository.id),
    })),
  }))
}
