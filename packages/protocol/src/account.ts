/** Accounts: what the sign-up and sign-in forms send, under `/api/auth` (the other account routes there are better-auth's own). */
import { z } from 'zod'
import { ProjectId, UserId } from './id.ts'
import { Workspace } from './workspace.ts'

export const PASSWORD_LENGTH_MIN = 12
export const PASSWORD_LENGTH_MAX = 128

export const AccountName = z.string().trim().min(1, 'needs a name').max(80, 'is longer than 80 characters')
export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'is too long for an e-mail address')
  .pipe(z.email('is not an e-mail address'))
export const NewPassword = z
  .string()
  .min(PASSWORD_LENGTH_MIN, `needs at least ${PASSWORD_LENGTH_MIN} characters`)
  .max(PASSWORD_LENGTH_MAX, `is longer than ${PASSWORD_LENGTH_MAX} characters`)

export const SignUp = z.object({
  name: AccountName,
  email: Email,
  password: NewPassword,
  /** Asked for while `GET /instance` says `setupTokenRequired`. */
  setupToken: z.string().trim().max(100).optional(),
})
export const SignIn = z.object({
  email: Email,
  password: z.string().min(1, 'needs a password').max(PASSWORD_LENGTH_MAX),
})
export const UpdateAccount = z.object({ name: AccountName })
export const ChangePassword = z.object({
  currentPassword: z.string().min(1).max(PASSWORD_LENGTH_MAX),
  newPassword: NewPassword,
})

export const Account = z.object({ id: UserId, name: z.string(), email: z.string() })
export type Account = z.infer<typeof Account>

/** The answer to a sign-up: where the new account lands. `projectId` is null when the demo project could not be made. */
export const SignedUp = z.object({ user: Account, workspace: Workspace, projectId: ProjectId.nullable() })
export type SignedUp = z.infer<typeof SignedUp>
export const SignedIn = z.object({ user: Account })
export type SignedIn = z.infer<typeof SignedIn>
