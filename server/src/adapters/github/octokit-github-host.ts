/** GitHub as pushing used to ask for it, in terms of the two ports that took its place. */

import type { Oid } from '@skein/protocol'
import type { GithubAnswer, GithubHost, GithubPlace } from '../../commands/github/github-host.ts'
import type { UntrustedGit } from '../egress/untrusted-git.ts'
import { GithubGitRemote } from './git-remote.ts'
import { type AppKey, InstallationTokens } from './installation-tokens.ts'
import { GithubRestApi } from './rest-api.ts'

export interface GithubHostOptions {
  apiUrl: string
  app: AppKey
  gitUrl: string
  git: UntrustedGit
}

export class OctokitGithubHost implements GithubHost {
  readonly #remote: GithubGitRemote
  readonly #api: GithubRestApi

  constructor({ apiUrl, app, gitUrl, git }: GithubHostOptions) {
    const tokens = new InstallationTokens({ apiUrl, readApp: async () => app })
    this.#remote = new GithubGitRemote({ gitUrl, git, tokens })
    this.#api = new GithubRestApi({ apiUrl, tokens, onQuota: () => {} })
  }

  readRepository(place: GithubPlace, signal: AbortSignal) {
    return this.#api.readRepository(place, signal)
  }

  async readBranch(
    place: GithubPlace,
    fullName: string,
    branch: string,
    signal: AbortSignal,
  ): Promise<GithubAnswer<Oid | null>> {
    const refs = await this.#remote.readRefs(place, fullName, signal)
    return refs.ok ? { ok: true, value: refs.value.branches.get(branch) ?? null } : refs
  }

  push(place: GithubPlace, request: Parameters<GithubHost['push']>[1], signal: AbortSignal) {
    return this.#remote.push(place, request, signal)
  }
}
