/**
 * Who makes an update: a person, or Skein itself (import, pull, restore). Agent runs join with their issue.
 * In rows and update frames an actor is one string: `person:<user id>` or `skein`.
 */
import { z } from 'zod'
import type { UserId } from './id.ts'

export const ActorKey = z
  .string()
  .regex(/^(skein|person:[^\s]{1,64})$/)
  .brand<'ActorKey'>()
export type ActorKey = z.infer<typeof ActorKey>

/** The actor of imports, pulls and other work that no person asked for by hand. */
export const SKEIN: ActorKey = ActorKey.parse('skein')

export const personToActorKey = (user: UserId): ActorKey => `person:${user}` as ActorKey

/** The user behind an actor key, or null for Skein itself. */
export const actorKeyToUser = (key: string): UserId | null =>
  key.startsWith('person:') ? (key.slice('person:'.length) as UserId) : null

/** Roles of a workspace, from most to least. */
export const Role = z.enum(['owner', 'admin', 'editor', 'commenter', 'viewer'])
export type Role = z.infer<typeof Role>

/** What an API token may do; a token never can do more than its owner. */
export const Scope = z.enum([
  'workspaces:read',
  'workspaces:write',
  'projects:read',
  'projects:write',
  'docs:read',
  'docs:write',
  'git:read',
  'git:commit',
  'tokens:write',
])
export type Scope = z.infer<typeof Scope>
export const SCOPES: readonly Scope[] = Scope.options

/** A person as others see them. `colour` is an index into the presence palette (1–10), kept per project. */
export const Person = z.object({ id: z.string(), name: z.string(), colour: z.int().min(1).max(10).optional() })
export type Person = z.infer<typeof Person>
