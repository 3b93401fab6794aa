/**
 * The settings of one process, checked once. Every problem is found before any is reported, so that an operator mends them in
 * one go. Defaults and names: README, "Run it for real".
 */

import { createPrivateKey } from 'node:crypto'
import path from 'node:path'
import { StartRefused } from '@skein/db'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { type Environment, readEnvironment, type SettingProblem } from './env.ts'

export const serviceNames = ['web', 'api', 'collab', 'worker'] as const
export type ServiceName = (typeof serviceNames)[number]

export interface GithubConfig {
  readonly apiUrl: string
  readonly gitUrl: string
  /** Null: the settings name no GitHub App; one may have been made from the admin page. */
  readonly app: GithubAppConfig | null
}

/** A GitHub App by settings. What is null is not set, and what needs it says so. */
export interface GithubAppConfig {
  readonly id: string
  readonly privateKey: string
  /** Without it deliveries are refused, and polling alone tells of changes. */
  readonly webhookSecret: string | null
  /** Without them nobody can prove that an installation is theirs; the admin of the instance may claim it. */
  readonly client: { readonly id: string; readonly secret: string } | null
}

export interface Config {
  readonly host: string
  readonly port: number
  /** Origin under which people reach the product, without a slash at the end. */
  readonly publicUrl: string
  /** Whether that is this machine itself; only then the first account needs no setup token. */
  readonly isLocal: boolean
  readonly isDevelopment: boolean
  readonly dataDir: string
  readonly services: ReadonlySet<ServiceName>
  /** Null: the embedded database under `dataDir`. */
  readonly databaseUrl: string | null
  /** Null: this is the only node. */
  readonly redisUrl: string | null
  /** Null: kept in `dataDir`, made at the first start. */
  readonly secretKey: string | null
  /** The key before the present one, for `rotate-key` alone. */
  readonly previousSecretKey: string | null
  /** Addresses (or CIDR ranges) of proxies whose forwarded headers count. */
  readonly trustProxy: readonly string[]
  readonly github: GithubConfig
  /** `host:port` of Git servers that may be plain http or have private addresses. */
  readonly gitTrustedHosts: readonly string[]
  readonly snapshotQuietMs: number
  readonly snapshotMaxAgeMs: number
  readonly pushMinIntervalMs: number
  readonly logLevel: LogLevel
  /** Where programs such as `git` are found: their environments are built from scratch, with this in it. */
  readonly searchPath: string
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
type LogLevel = (typeof logLevels)[number]

const secretKeyLengthMin = 32
/** GitHub asks for a random one; a short one could be guessed from signatures. */
const webhookSecretLengthMin = 16

/**
 * Reads and checks the settings.
 * @throws StartRefused with the list of everything that is wrong
 */
export function readConfig(variables?: Readonly<Record<string, string | undefined>>): Config {
  const { environment, problems } = readEnvironment(variables)
  const parsed = settings.safeParse(environment)
  for (const issue of parsed.error?.issues ?? [])
    problems.push({ setting: String(issue.path[0]), message: issue.message })
  problems.push(...findContradictions(environment))
  if (!parsed.success || problems.length > 0) throw new StartRefused(describeProblems(problems))
  return settingsToConfig(parsed.data)
}

const milliseconds = (byDefault: number, max: number) =>
  z.coerce
    .number('must be a number of milliseconds')
    .int('must be a whole number of milliseconds')
    .min(0, 'must not be negative')
    .max(max, `must be at most ${max}`)
    .default(byDefault)

const address = (protocols: readonly string[], example: string) =>
  z
    .string()
    .refine((text) => protocols.includes(URL.parse(text)?.protocol ?? ''), `must be an address such as ${example}`)

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)

const secretKey = z
  .string()
  .min(
    secretKeyLengthMin,
    `must have at least ${secretKeyLengthMin} characters; make one with: openssl rand -base64 32`,
  )

const settings = z.object({
  NODE_ENV: z.string().optional(),
  PORT: z.coerce
    .number('must be a port number')
    .int('must be a port number')
    .min(1, 'must be 1–65535')
    .max(65_535, 'must be 1–65535')
    .default(3000),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: address(['http:', 'https:'], 'https://skein.example.org')
    .refine(
      (text) => ['/', ''].includes(URL.parse(text)?.pathname ?? '/'),
      'must not have a path: Skein needs a host of its own',
    )
    .optional(),
  DATA_DIR: z.string().default('data'),
  SERVICES: list
    .refine(
      (names) => names.length > 0 && names.every((name) => serviceNames.includes(name as ServiceName)),
      `must name some of ${serviceNames.join(', ')}`,
    )
    .default([...serviceNames]),
  DATABASE_URL: address(['postgres:', 'postgresql:'], 'postgres://skein:password@db.internal/skein').optional(),
  REDIS_URL: address(['redis:', 'rediss:'], 'redis://:password@redis.internal:6379').optional(),
  SECRET_KEY: secretKey.optional(),
  SECRET_KEY_PREVIOUS: secretKey.optional(),
  TRUST_PROXY: list
    .refine(
      (ranges) => ranges.every((range) => ipaddr.isValid(range) || ipaddr.isValidCIDR(range)),
      'must be addresses or ranges such as 10.0.0.0/8, separated by commas',
    )
    .default([]),
  GITHUB_API_URL: address(['http:', 'https:'], 'https://api.github.com').default('https://api.github.com'),
  GITHUB_GIT_URL: address(['http:', 'https:'], 'https://github.com').default('https://github.com'),
  GITHUB_APP_ID: z.string().regex(/^\d+$/, 'must be the number that GitHub shows as App ID').optional(),
  GITHUB_APP_PRIVATE_KEY: z
    .string()
    .transform((text) => text.replaceAll('\\n', '\n'))
    .refine(isPrivateKey, 'must be the private key of the GitHub App, the whole PEM text')
    .optional(),
  GITHUB_WEBHOOK_SECRET: z
    .string()
    .min(webhookSecretLengthMin, `must have at least ${webhookSecretLengthMin} characters, the same as on GitHub`)
    .optional(),
  GITHUB_CLIENT_ID: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be what GitHub shows as Client ID')
    .optional(),
  GITHUB_CLIENT_SECRET: z.string().min(1).max(200).optional(),
  GIT_TRUSTED_HOSTS: list
    .refine(
      (hosts) => hosts.every((host) => /^[^\s/:@]+:\d{1,5}$/.test(host)),
      'must be host:port, separated by commas',
    )
    .default([]),
  SNAPSHOT_QUIET_MS: milliseconds(10_000, 3_600_000),
  SNAPSHOT_MAX_AGE_MS: milliseconds(300_000, 86_400_000),
  PUSH_MIN_INTERVAL_MS: milliseconds(10_000, 3_600_000),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
})

/** What no single setting shows. */
function findContradictions(environment: Environment): SettingProblem[] {
  const problems: SettingProblem[] = []
  const need = (setting: string, message: string): unknown => problems.push({ setting, message })
  if (environment.DATABASE_URL && !environment.SECRET_KEY) {
    need(
      'SECRET_KEY',
      'is required with DATABASE_URL: every node needs the same one; make it with: openssl rand -base64 32',
    )
  }
  if (Boolean(environment.GITHUB_APP_ID) !== Boolean(environment.GITHUB_APP_PRIVATE_KEY)) {
    const [missing, given] = environment.GITHUB_APP_ID
      ? ['GITHUB_APP_PRIVATE_KEY', 'GITHUB_APP_ID']
      : ['GITHUB_APP_ID', 'GITHUB_APP_PRIVATE_KEY']
    need(missing, `is needed together with ${given}`)
  }
  for (const setting of ['GITHUB_WEBHOOK_SECRET', 'GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET']) {
    if (environment[setting] && !environment.GITHUB_APP_ID) need(setting, 'is needed together with GITHUB_APP_ID')
  }
  if (Boolean(environment.GITHUB_CLIENT_ID) !== Boolean(environment.GITHUB_CLIENT_SECRET))
    need('GITHUB_CLIENT_ID', 'and GITHUB_CLIENT_SECRET are needed together')
  if (environment.SECRET_KEY_PREVIOUS && environment.SECRET_KEY_PREVIOUS === environment.SECRET_KEY)
    need('SECRET_KEY_PREVIOUS', 'is the same as SECRET_KEY')
  if (environment.BLOB_STORE && environment.BLOB_STORE !== 'postgres')
    need('BLOB_STORE', 'this version supports postgres only')
  return problems
}

function settingsToConfig(values: z.output<typeof settings>): Config {
  const publicUrl = new URL(values.PUBLIC_URL ?? `http://localhost:${values.PORT}`)
  return {
    host: values.HOST,
    port: values.PORT,
    publicUrl: publicUrl.origin,
    isLocal: ['localhost', '127.0.0.1', '[::1]'].includes(publicUrl.hostname),
    isDevelopment: values.NODE_ENV === 'development',
    dataDir: path.resolve(values.DATA_DIR),
    services: new Set(values.SERVICES as ServiceName[]),
    databaseUrl: values.DATABASE_URL ?? null,
    redisUrl: values.REDIS_URL ?? null,
    secretKey: values.SECRET_KEY ?? null,
    previousSecretKey: values.SECRET_KEY_PREVIOUS ?? null,
    trustProxy: values.TRUST_PROXY,
    github: {
      apiUrl: withoutSlash(values.GITHUB_API_URL),
      gitUrl: withoutSlash(values.GITHUB_GIT_URL),
      app: settingsToApp(values),
    },
    gitTrustedHosts: values.GIT_TRUSTED_HOSTS,
    snapshotQuietMs: values.SNAPSHOT_QUIET_MS,
    snapshotMaxAgeMs: values.SNAPSHOT_MAX_AGE_MS,
    pushMinIntervalMs: values.PUSH_MIN_INTERVAL_MS,
    logLevel: values.LOG_LEVEL,
    searchPath: values.PATH,
  }
}

function settingsToApp(values: z.output<typeof settings>): GithubAppConfig | null {
  const { GITHUB_APP_ID: id, GITHUB_APP_PRIVATE_KEY: privateKey } = values
  if (!id || !privateKey) return null
  const { GITHUB_CLIENT_ID: clientId, GITHUB_CLIENT_SECRET: secret } = values
  const client = clientId && secret ? { id: clientId, secret } : null
  return { id, privateKey, webhookSecret: values.GITHUB_WEBHOOK_SECRET ?? null, client }
}

function describeProblems(problems: readonly SettingProblem[]): string {
  const lines = problems.map(({ setting, message }) => `  ${setting} ${message}`)
  return `Skein did not start. ${problems.length === 1 ? 'One setting is' : `${problems.length} settings are`} wrong:\n${lines.join('\n')}`
}

function isPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(text).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '')
