/**
 * Another secret key in the place of the present one: everything that was sealed under the old key is sealed anew, and the fingerprint in the database
 * follows, in one transaction. So a kill at any moment leaves either all of it under the old key or all of it under the new one, and doing it
 * again does what is left. Whatever else a key signs (sessions, the setup token) begins anew with it.
 */
import { type Database, githubAppQueries, instanceQueries, type Tx } from '@skein/db'
import type { Secrets } from '../../config/secrets.ts'
import { sealedFor } from '../github-app/github-apps.ts'

export interface RotateKeyDeps {
  db: Pick<Database, 'onInstance'>
  /** Of the new key; they open what was sealed under the old one too. */
  secrets: Pick<Secrets, 'open' | 'seal' | 'isCurrent' | 'fingerprint'>
  /** Of the key that holds now. */
  oldFingerprint: string
}

/** `sealed`: how many secrets were sealed anew; `unknown-key`: the database was made under neither of the two, and nothing was changed. */
export type Rotation = { outcome: 'rotated' | 'rotated-before'; sealed: number } | { outcome: 'unknown-key' }

export function rotateKey({ db, secrets, oldFingerprint }: RotateKeyDeps): Promise<Rotation> {
  return db.onInstance(async (tx): Promise<Rotation> => {
    const kept = await instanceQueries.lockSecretFingerprint(tx)
    if (kept !== secrets.fingerprint && kept !== oldFingerprint) return { outcome: 'unknown-key' }
    const sealed = await sealAnew(tx, secrets)
    if (kept === secrets.fingerprint) return { outcome: 'rotated-before', sealed }
    await instanceQueries.replaceSecretFingerprint(tx, secrets.fingerprint)
    return { outcome: 'rotated', sealed }
  })
}

/** Every place that holds something sealed stands here. */
async function sealAnew(tx: Tx, { open, seal, isCurrent }: RotateKeyDeps['secrets']): Promise<number> {
  const app = await githubAppQueries.lockGithubApp(tx)
  if (app === null) return 0
  let sealed = 0
  const renew = <Text extends string | null>(text: Text, column: Parameters<typeof sealedFor>[1]): Text => {
    if (text === null || isCurrent(text)) return text
    sealed += 1
    const place = sealedFor(app.appId, column)
    return seal(open(text, place), place) as Text
  }
  await githubAppQueries.updateGithubAppSecrets(tx, {
    privateKey: renew(app.privateKey, 'private_key'),
    webhookSecret: renew(app.webhookSecret, 'webhook_secret'),
    clientSecret: renew(app.clientSecret, 'client_secret'),
  })
  return sealed
}
