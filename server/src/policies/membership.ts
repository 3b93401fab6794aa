/**
 * Who may give which role to whom. Three rules: nobody grants more than they hold, only owners make or unmake owners, and a workspace
 * always keeps one owner.
 */
import { Refusal, type Role } from '@skein/protocol'
import { can, isAtLeast } from './permissions.ts'

interface Change {
  /** Role of whoever asks. */
  by: Role
  /** Whether they change themselves. */
  self: boolean
  from: Role
  /** Null: the member goes. */
  to: Role | null
  /** Owners of the workspace before the change. */
  owners: number
}

/** Refuses a change of a member's role, or a removal, that breaks one of the three rules. */
export function checkMemberChange(change: Change): void {
  const leaves = change.self && change.to === null
  if (!leaves) {
    if (!can(change.by, 'manage-members')) throw refuseRole('Only admins and owners change who is in a workspace.')
    if (!isAtLeast(change.by, change.from)) {
      throw refuseRole(`Only an owner can change or remove an ${change.from}.`)
    }
    if (change.to && !isAtLeast(change.by, change.to))
      throw refuseRole(`Only an owner can make somebody an ${change.to}.`)
  }
  if (change.from === 'owner' && change.to !== 'owner' && change.owners <= 1) {
    throw new Refusal('last-owner', 'A workspace keeps at least one owner.', {
      hint: 'Make another member an owner first, or delete the workspace.',
    })
  }
}

/** Whether a member of role `by` may invite somebody as `role`; asked again when the invitation is accepted. */
export const mayInviteAs = (by: Role, role: Role): boolean => can(by, 'manage-invitations') && isAtLeast(by, role)

/** Refuses an invitation that grants more than its maker holds. */
export function checkInvitation(by: Role, role: Role): void {
  if (!mayInviteAs(by, role)) throw refuseRole(`You cannot invite somebody as ${role}: you do not hold that role.`)
}

const refuseRole = (message: string): Refusal =>
  new Refusal('forbidden', message, { hint: 'Ask an owner of the workspace.' })
