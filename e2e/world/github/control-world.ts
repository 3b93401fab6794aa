/** Control calls about the App, its installations and webhooks, and the weather. */
import { rm, writeFile } from 'node:fs/promises'
import type { AppHook } from './app.ts'
import type { Command } from './control.ts'
import { presentDelivery, release } from './deliveries.ts'
import { tellOfInstallation } from './events.ts'
import { holdFile, limits } from './git-door.ts'
import { calmWeather, type HookWeather } from './hook-state.ts'
import { addTo, takeFrom } from './repositories.ts'
import {
  type Installation,
  nextId,
  type Outage,
  type Permissions,
  type Person,
  type RateLimit,
  type Repository,
  repositoriesOf,
  type World,
} from './state.ts'

export const worldCommands: Record<string, Command> = {
  'GET app': ({ app }) => {
    const { publicKey: _publicKey, ...shown } = app
    return { ...shown, appId: app.id, webhookSecret: app.hook.secret }
  },
  'PATCH app': ({ app }, { hook, ...body }) => {
    Object.assign(app, body)
    Object.assign(app.hook, hook as Partial<AppHook> | undefined)
  },
  'PUT person': (world, body) => {
    world.person = body as unknown as Person
  },
  'POST installations': createInstallation,
  'GET installations/:id': (world, _body, id) => installationOf(world, id),
  'PATCH installations/:id': changeInstallation,
  'DELETE installations/:id': deleteInstallation,
  'POST tokens/expire': (world) => {
    for (const token of world.tokens.values()) token.expiresAt = 0
    return { expired: world.tokens.size }
  },
  'PUT outage': (world, body) => {
    world.outage = body.outage ? { on: 'all', status: 503, ...(body.outage as Partial<Outage>) } : null
  },
  'PUT rate-limit': (world, body) => {
    world.rateLimit = (body.rateLimit ?? null) as RateLimit | null
  },
  'PUT quota': (world, body) => {
    world.quotaLeft = Number(body.left)
  },
  'PUT latency': (world, body) => {
    world.latencyMs = { api: Number(body.api ?? 0), git: Number(body.git ?? 0) }
  },
  'PUT clock': (world, body) => {
    world.clockOffsetMs = Number(body.offsetMs)
  },
  'PUT limits': (world, body) => {
    if (body.fileBytesMax !== undefined) limits.fileBytesMax = Number(body.fileBytesMax)
    if (body.fileBytesGood !== undefined) limits.fileBytesGood = Number(body.fileBytesGood)
    if (body.contentCallsPerMinute !== undefined) world.contentCallsPerMinute = Number(body.contentCallsPerMinute)
  },
  'PUT hold-pushes': async (world, body) => {
    if (body.held === true) await writeFile(holdFile(world), '')
    else await rm(holdFile(world), { force: true })
  },
  'PUT hook-weather': (world, body) => {
    world.hooks.weather = { ...calmWeather, ...(body as Partial<HookWeather>) }
  },
  'GET deliveries': ({ hooks }) => ({
    held: hooks.held.length,
    underWay: hooks.underWay,
    deliveries: hooks.deliveries.map((one) => ({ ...presentDelivery(one), body: one.request.body })),
  }),
  'POST deliveries/release': (world, body) => {
    const held = world.hooks.held.length
    release(world, body.order === 'reverse' ? 'reverse' : 'same')
    return { released: held }
  },
  'GET calls': (world) => world.calls,
}

function installationOf(world: World, id: number): Installation {
  const installation = world.installations.get(id)
  if (installation === undefined) throw new Error(`no installation ${id}`)
  return installation
}

/** Of an installation as somebody makes it on GitHub's pages. */
export function createInstallation(world: World, body: Partial<Installation>): Installation {
  const defaults: Installation = {
    id: nextId(world),
    account: 'acme',
    permissions: { contents: 'write' },
    repositoryIds: [],
    selection: 'selected',
    suspended: false,
  }
  const installation: Installation = { ...defaults, ...body }
  world.installations.set(installation.id, installation)
  const repositories = repositoriesOf(world, installation).map(({ id, name }) => ({ id, name }))
  tellOfInstallation(world, installation, 'installation', { action: 'created', repositories })
  return installation
}

function changeInstallation(world: World, body: Partial<Installation>, id: number): Installation {
  const installation = installationOf(world, id)
  const { repositoryIds, suspended, permissions, ...rest } = body
  Object.assign(installation, rest)
  if (suspended !== undefined && suspended !== installation.suspended) {
    installation.suspended = suspended
    tellOfInstallation(world, installation, 'installation', { action: suspended ? 'suspend' : 'unsuspend' })
  }
  if (permissions !== undefined) {
    installation.permissions = permissions as Permissions
    if (!installation.suspended)
      tellOfInstallation(world, installation, 'installation', { action: 'new_permissions_accepted' })
  }
  if (repositoryIds !== undefined) selectRepositories(world, installation, repositoryIds)
  return installation
}

function selectRepositories(world: World, installation: Installation, ids: number[]): void {
  const found = (wanted: number[]): Repository[] => wanted.flatMap((id) => world.repositories.get(id) ?? [])
  const added = ids.filter((id) => !installation.repositoryIds.includes(id))
  const removed = installation.repositoryIds.filter((id) => !ids.includes(id))
  if (removed.length > 0) takeFrom(world, installation, found(removed))
  if (added.length > 0) addTo(world, installation, found(added))
}

function deleteInstallation(world: World, _body: unknown, id: number): unknown {
  const installation = installationOf(world, id)
  world.installations.delete(id)
  tellOfInstallation(world, installation, 'installation', { action: 'deleted' })
  return { deleted: true }
}
