/** As much of GitHub's answers about the App as is used, each turned into our own words. */
import { createPrivateKey } from 'node:crypto'
import { z } from 'zod'
import type { MadeApp, RepositoryFacts } from '../../commands/github-app/github-account.ts'

/** Addresses that people are sent to: never anything but a page. */
const PageAddress = z.url({ protocol: /^https?$/ })
const AppNames = { slug: z.string().regex(/^[\w.-]{1,100}$/), name: z.string().min(1).max(200), html_url: PageAddress }

export const AppAnswer = z.object(AppNames).transform(({ slug, name, html_url: htmlUrl }) => ({ slug, name, htmlUrl }))

export const ManifestAnswer = z
  .object({
    ...AppNames,
    id: z.int().positive(),
    pem: z.string().refine((text) => createPrivateKey(text).asymmetricKeyType === 'rsa'),
    webhook_secret: z.string().min(1).nullable(),
    client_id: z.string().min(1),
    client_secret: z.string().min(1),
  })
  .transform(
    (made): MadeApp => ({
      id: String(made.id),
      slug: made.slug,
      name: made.name,
      htmlUrl: made.html_url,
      privateKey: made.pem,
      webhookSecret: made.webhook_secret,
      client: { id: made.client_id, secret: made.client_secret },
    }),
  )

export const InstallationAnswer = z
  .object({
    account: z.object({ login: z.string().regex(/^[\w.-]{1,100}$/), type: z.string().optional() }),
    target_type: z.string().optional(),
    html_url: PageAddress,
    permissions: z.record(z.string(), z.string()),
    suspended_at: z.string().nullable(),
  })
  .transform(({ account, target_type: target, html_url: htmlUrl, permissions, suspended_at: suspendedAt }) => ({
    account: account.login,
    accountKind: (account.type ?? target) === 'Organization' ? ('Organization' as const) : ('User' as const),
    htmlUrl,
    permissions,
    suspendedAt: suspendedAt === null ? null : new Date(suspendedAt),
  }))

export const InstallationsAnswer = z.object({
  total_count: z.int(),
  installations: z.array(z.object({ id: z.int() })),
})

export const RepositoryAnswer = z
  .object({
    id: z.int().positive(),
    full_name: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
    html_url: PageAddress,
    default_branch: z.string().min(1),
    private: z.boolean(),
    archived: z.boolean(),
    /** Kilobytes. */
    size: z.int().optional(),
  })
  .transform(
    (one): RepositoryFacts => ({
      repositoryId: one.id,
      fullName: one.full_name,
      htmlUrl: one.html_url,
      defaultBranch: one.default_branch,
      isPrivate: one.private,
      isArchived: one.archived,
      isEmpty: one.size === 0,
    }),
  )

export const RepositoriesAnswer = z
  .object({ total_count: z.int(), repositories: z.array(RepositoryAnswer) })
  .transform(({ total_count: total, repositories }) => ({ total, repositories }))

/** What a person may do with the repositories of an installation. */
export const RightsAnswer = z
  .object({
    total_count: z.int(),
    repositories: z.array(z.object({ permissions: z.object({ push: z.boolean().optional() }).optional() })),
  })
  .transform(({ total_count: total, repositories }) => ({
    total,
    mayPush: repositories.map(({ permissions }) => permissions?.push === true),
  }))

/** One of GitHub's list of what it sent; a status below 300 is one that was taken. */
export const SentAnswer = z.array(
  z.object({
    id: z.int(),
    guid: z.string().regex(/^[\w-]{1,100}$/),
    status_code: z.int(),
    event: z.string().regex(/^[a-z_]{1,60}$/),
    action: z.string().nullable(),
    installation_id: z.int().positive().nullable(),
    repository_id: z.int().positive().nullable(),
  }),
)
