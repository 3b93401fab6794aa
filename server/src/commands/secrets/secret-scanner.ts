/** Port: looks for secrets in texts: keys, tokens, passwords that should not leave with a commit. */

export interface FoundSecret {
  /** From 1. */
  line: number
  /** The rule's name, such as `aws` or `github`. */
  rule: string
  /** What it seems to be, in words, without the secret. */
  message: string
  /** The secret itself; it stays in memory. */
  secret: string
}

export interface SecretScanner {
  /** Of one file; `unscanned` when it took too long. Rejects when `signal` is aborted. */
  scan(file: { path: string; text: string }, signal: AbortSignal): Promise<FoundSecret[] | 'unscanned'>
}
