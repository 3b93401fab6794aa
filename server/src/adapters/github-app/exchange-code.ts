/** The code that a browser brought back from GitHub's sign-in, exchanged for a token of that person. This is a page of GitHub, not its API. */
import { z } from 'zod'
import type { GithubAnswer } from '../../commands/github/github-host.ts'
import type { GithubApp } from '../../commands/github-app/github-apps.ts'
import { answerToFailure, networkToFailure } from '../github/github-errors.ts'

const timeoutMs = 20_000
/** The answer is one short object. */
const answerBytesMax = 64 * 1024

/** GitHub answers a code that is not good any more with 200 and the name of an error. */
const Exchanged = z.union([z.object({ access_token: z.string().min(1) }), z.object({ error: z.string() })])

/** The person's token, narrowed to this App; null: GitHub does not take the code. Rejects only when `signal` is aborted. */
export async function exchangeCode(
  webUrl: string,
  { client }: GithubApp,
  { code, redirectUrl }: { code: string; redirectUrl: string },
  signal: AbortSignal,
): Promise<GithubAnswer<string | null>> {
  if (client === null) throw new Error('a code was exchanged for an App without a client secret')
  try {
    const answer = await fetch(`${webUrl}/login/oauth/access_token`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'skein' },
      body: JSON.stringify({ client_id: client.id, client_secret: client.secret, code, redirect_uri: redirectUrl }),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    const text = await readShort(answer)
    if (answer.status !== 200) {
      const header = (name: string) => answer.headers.get(name)
      const told = { status: answer.status, header, message: text.slice(0, 300) }
      return { ok: false, failure: answerToFailure(told, 'repository', new Date()) }
    }
    const exchanged = Exchanged.parse(JSON.parse(text))
    if ('access_token' in exchanged) return { ok: true, value: exchanged.access_token }
    // Anything but a wrong code is a wrong App: its secret, or its addresses.
    if (exchanged.error === 'bad_verification_code') return { ok: true, value: null }
    return { ok: false, failure: { kind: 'unauthorized' } }
  } catch (error) {
    signal.throwIfAborted()
    return { ok: false, failure: networkToFailure(error) }
  }
}

async function readShort(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > answerBytesMax) throw new Error('the answer is too long')
  }
  return Buffer.concat(chunks).toString('utf8')
}
