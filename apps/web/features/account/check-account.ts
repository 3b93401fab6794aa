// What can be said of a new account before the server is asked. The browser's own bubbles are not used: they vanish,
// follow no theme, and are not read out with their field.

import { Email } from '@skein/protocol'

export type AccountFaults = { name?: string; email?: string; password?: string }

/** The faults of the three fields; empty when there are none. `passwordLengthMin` is in characters. */
export function checkAccount(
  account: { name: string; email: string; password: string },
  passwordLengthMin: number,
): AccountFaults {
  const faults: AccountFaults = {}
  if (account.name === '') faults.name = 'Others need a name to see you by.'
  if (!Email.safeParse(account.email).success) {
    faults.email = 'This is not an e-mail address yet, such as ana@example.org.'
  }
  if (account.password.length < passwordLengthMin) {
    faults.password = `Use ${passwordLengthMin} characters or more; a short sentence is easy to remember.`
  }
  return faults
}
