/** Repositories over REST: by name and by number, their branches and rules, and new ones in an organization. */
import {
  type Call,
  type Route,
  requireNamedRepository,
  requirePermission,
  requireRepository,
  requireToken,
} from './access.ts'
import { answerJson, Refused } from './answers.ts'
import { bareDirectory, git, readBranches } from './bare.ts'
import { presentAccount, presentRepository } from './present.ts'
import { makeRepository } from './repositories.ts'
import { presentRule } from './rules.ts'
import { findRepository, fullName, type Repository } from './state.ts'

const named = String.raw`\/repos\/([^/]+)\/([^/]+)`

export const repositoryRoutes: Route[] = [
  { method: 'GET', pattern: /^\/repositories\/(\d+)$/, answer: getRepositoryById },
  { method: 'GET', pattern: new RegExp(`^${named}$`), answer: getRepositoryByName },
  { method: 'GET', pattern: new RegExp(`^${named}\\/branches\\/(.+)$`), answer: getBranch },
  { method: 'GET', pattern: new RegExp(`^${named}\\/rules\\/branches\\/(.+)$`), answer: listRules },
  { method: 'POST', pattern: /^\/orgs\/([^/]+)\/repos$/, answer: createRepository },
]

function getRepositoryById(call: Call): void {
  const repository = requireRepository(call, call.world.repositories.get(Number(call.parts[0])))
  answerJson(call, 200, presentRepository(call.world, repository))
}

function getRepositoryByName(call: Call): void {
  const repository = requireNamedRepository(call)
  if (repository !== null) answerJson(call, 200, presentRepository(call.world, repository))
}

async function getBranch(call: Call): Promise<void> {
  const repository = requireNamedRepository(call)
  if (repository === null) return
  requirePermission(call, 'contents', 'read')
  const name = call.parts[2] ?? ''
  const oid = (await readBranches(call.world, repository.id)).get(name)
  if (oid === undefined) throw new Refused('branch-unknown')
  const sentences = repository.protectedBranches[name]
  const isProtected = sentences !== undefined || (repository.rules[name] ?? []).length > 0
  const contexts = (sentences ?? []).flatMap((text) => /status check "(.+?)"/.exec(text)?.[1] ?? [])
  const directory = bareDirectory(call.world, repository.id)
  const [tree = '', ...message] = (await git(directory, ['show', '-s', '--format=%T%n%B', oid])).split('\n')
  const url = `${call.origin}/api/v3/repos/${fullName(repository)}`
  answerJson(call, 200, {
    name,
    commit: { sha: oid, url: `${url}/commits/${oid}`, commit: { message: message.join('\n'), tree: { sha: tree } } },
    protected: isProtected,
    protection: {
      enabled: sentences !== undefined,
      required_status_checks: {
        enforcement_level: contexts.length === 0 ? 'off' : 'non_admins',
        contexts,
        checks: contexts.map((context) => ({ context, app_id: null })),
      },
    },
    protection_url: `${url}/branches/${name}/protection`,
  })
}

/** Works for branches that do not exist, and shows rulesets only: classic protection is not among them. */
function listRules(call: Call): void {
  const repository = requireNamedRepository(call)
  if (repository === null) return
  const rules = repository.rules[call.parts[2] ?? ''] ?? []
  answerJson(
    call,
    200,
    rules.map((rule) => presentRule(rule, fullName(repository))),
  )
}

/** What an App makes it also reaches, whatever was selected. */
async function createRepository(call: Call): Promise<void> {
  const { world, body } = call
  const { installation } = requireToken(call)
  const owner = call.parts[0] ?? ''
  if (owner !== installation.account) throw new Refused('repository-hidden')
  if (presentAccount(world, owner).type !== 'Organization') throw new Refused('repository-hidden')
  requirePermission(call, 'administration', 'write')
  const name = body.name
  if (typeof name !== 'string' || !/^[\w.-]{1,100}$/.test(name)) throw new Refused('repository-name')
  if (findRepository(world, `${owner}/${name}`)?.moved === false) throw new Refused('repository-taken')
  const repository: Repository = await makeRepository(world, {
    owner,
    name,
    private: body.private === true || body.visibility === 'private',
    installationId: installation.id,
    ...(body.auto_init === true ? { files: [{ path: 'README.md', content: `# ${name}` }] } : {}),
  })
  answerJson(call, 201, presentRepository(world, repository))
}
