/**
 * The one reader of the process's environment. A secret may stand in a file instead: `SECRET_KEY_FILE` names the file whose
 * content, without the line end, becomes `SECRET_KEY`.
 */

import { readFileSync } from 'node:fs'

/** Settings by name; empty ones are left out, because `PORT=` in a compose file means "not set". */
export type Environment = Readonly<Record<string, string>>

/** What was wrong with one setting, in words. */
export interface SettingProblem {
  readonly setting: string
  readonly message: string
}

const fileSuffix = '_FILE'

/** Names of settings that may be given as `…_FILE`. */
export const secretNames = [
  'SECRET_KEY',
  'SECRET_KEY_PREVIOUS',
  'DATABASE_URL',
  'REDIS_URL',
  'GITHUB_APP_PRIVATE_KEY',
  'GITHUB_WEBHOOK_SECRET',
  'GITHUB_CLIENT_SECRET',
] as const

/** Reads the environment and the files that it names. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>> = process.env): {
  environment: Environment
  problems: SettingProblem[]
} {
  const environment: Record<string, string> = {}
  const problems: SettingProblem[] = []
  for (const [name, value] of Object.entries(variables)) if (value) environment[name] = value
  for (const name of secretNames) {
    const file = environment[`${name}${fileSuffix}`]
    if (file === undefined) continue
    const setting = `${name}${fileSuffix}`
    if (environment[name] !== undefined)
      problems.push({ setting, message: `${name} is set as well; keep one of the two` })
    try {
      environment[name] = readFileSync(file, 'utf8').trim()
    } catch (error) {
      problems.push({ setting, message: `the file cannot be read (${(error as Error).message})` })
    }
  }
  return { environment, problems }
}

/** React and Next choose their build by this variable when they are loaded; without it they would run the slow one. */
export function settleNodeEnvironment(isDevelopment: boolean): void {
  setVariable('NODE_ENV', isDevelopment ? 'development' : 'production')
  setVariable('NEXT_TELEMETRY_DISABLED', '1')
}

/** Sets a variable for a library that can be told in no other way. */
export function setVariable(name: string, value: string): void {
  process.env[name] = value
}
