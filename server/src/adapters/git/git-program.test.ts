import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { GitError, GitProgram } from './git-program.ts'

const directory = mkdtempSync(path.join(tmpdir(), 'skein-git-program-'))
afterAll(() => rmSync(directory, { recursive: true }))
const git = new GitProgram(process.env.PATH ?? '/usr/bin:/bin')

/** Runs a shell command as a Git alias, to see what a child of Git sees. */
const shell = (command: string) => ['-c', `alias.do=!${command}`, 'do']

test('a child sees nothing of our environment but the path', async () => {
  vi.stubEnv('GIT_DIR', '/elsewhere')
  vi.stubEnv('SECRET_KEY', 'do not tell')
  vi.stubEnv('HTTP_PROXY', 'http://elsewhere')
  const { stdout } = await git.run({ args: shell('env'), directory })
  const names = stdout
    .toString()
    .split('\n')
    .map((line) => line.split('=')[0])
  expect(names).toContain('PATH')
  expect(names).not.toContain('SECRET_KEY')
  expect(names).not.toContain('HTTP_PROXY')
  expect(stdout.toString()).not.toContain('/elsewhere')
  vi.unstubAllEnvs()
})

test('hooks and clean-up are off, and no transport is allowed', async () => {
  const { stdout } = await git.run({ args: ['config', '--get', 'core.hooksPath'], directory })
  expect(stdout.toString()).toBe('/dev/null\n')
  const clone = git.run({ args: ['clone', 'https://example.invalid/x.git', 'x'], directory })
  await expect(clone).rejects.toThrow("transport 'https' not allowed")
})

test('a failure carries its exit code and what Git said; accepted codes are answers', async () => {
  const error = await git.run({ args: ['rev-parse', 'HEAD'], directory }).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(GitError)
  expect(error).toMatchObject({ exitCode: 128, message: expect.stringContaining('not a git repository') })
  expect((await git.run({ args: shell('exit 3'), directory, accept: [3] })).exitCode).toBe(3)
})

test('a run that takes too long is ended with everything it started', async () => {
  const began = Date.now()
  await expect(git.run({ args: shell('sleep 30'), directory, timeMaxMs: 100 })).rejects.toThrow('was ended')
  expect(Date.now() - began).toBeLessThan(10_000)
})

test('a run ends with its signal, and tells its reason', async () => {
  const controller = new AbortController()
  const run = git.run({ args: shell('sleep 30'), directory, signal: controller.signal })
  setTimeout(() => controller.abort(new Error('cancelled by Ana')), 50)
  await expect(run).rejects.toThrow('cancelled by Ana')
})

test('output beyond the limit ends the run', async () => {
  await expect(git.run({ args: shell('head -c 20000000 /dev/zero'), directory })).rejects.toThrow('said more than')
})

test('Git that is not there is an error in words', async () => {
  await expect(new GitProgram('/nowhere').run({ args: ['version'], directory })).rejects.toThrow('cannot be started')
})
