/**
 * Port: GitHub as far as the App itself is concerned: being made, being installed, and what its installations reach. Every call is made as the App, or
 * as the person who has just come from GitHub; what GitHub may well answer is a value, and every call rejects when `signal` is aborted.
 */
import type { installationQueries } from '@skein/db'
import type { GithubAnswer } from '../github/github-host.ts'
import type { GithubApp } from './github-apps.ts'

/** What GitHub gives for the code of a manifest, once. */
export interface MadeApp {
  id: string
  slug: string
  name: string
  htmlUrl: string
  privateKey: string
  /** Null: made without a webhook. */
  webhookSecret: string | null
  client: { id: string; secret: string }
}

/**
 * Whether the person who came back from GitHub may give an installation to a workspace. `partly`: they see it, and may not write to everything that it
 * reaches; giving it away would give others here more than they have there.
 */
export type Proof = 'proven' | 'partly' | 'not-theirs' | 'wrong-code'

export interface RepositoryFacts {
  repositoryId: number
  fullName: string
  htmlUrl: string
  defaultBranch: string
  isPrivate: boolean
  isArchived: boolean
  /** As GitHub counts, which is late by some minutes: advice. */
  isEmpty: boolean
}

export interface GithubAccount {
  /** The App that a manifest asked for. A code is good once, for an hour. */
  makeApp(code: string, signal: AbortSignal): Promise<GithubAnswer<MadeApp>>
  /** How GitHub shows the App. */
  readShown(app: GithubApp, signal: AbortSignal): Promise<GithubAnswer<NonNullable<GithubApp['shown']>>>
  /** Asks as the person behind `code`; nothing of them is kept. */
  prove(
    app: GithubApp,
    way: { code: string; redirectUrl: string },
    installationId: number,
    signal: AbortSignal,
  ): Promise<GithubAnswer<Proof>>
  readInstallation(
    app: GithubApp,
    installationId: number,
    signal: AbortSignal,
  ): Promise<GithubAnswer<installationQueries.InstallationFacts>>
  /** A page of 100 of what the installation reaches, from 1. */
  listRepositories(
    app: GithubApp,
    installationId: number,
    page: number,
    signal: AbortSignal,
  ): Promise<GithubAnswer<{ repositories: RepositoryFacts[]; isLast: boolean }>>
  /** In an organisation; GitHub lets no App make one for a person. */
  createRepository(
    app: GithubApp,
    place: { installationId: number; organization: string },
    wanted: { name: string; isPrivate: boolean },
    signal: AbortSignal,
  ): Promise<GithubAnswer<RepositoryFacts>>
}
