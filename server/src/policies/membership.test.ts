import { type ErrorCode, Refusal, Role } from '@skein/protocol'
import { expect, test } from 'vitest'
import { checkMemberChange, mayInviteAs } from './membership.ts'
import { isAtLeast } from './permissions.ts'

const decide = (change: Parameters<typeof checkMemberChange>[0]): 'yes' | ErrorCode => {
  try {
    checkMemberChange(change)
    return 'yes'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

test('changing others: admins and owners only, nobody above themselves, to no role above their own', () => {
  for (const by of Role.options) {
    for (const from of Role.options) {
      for (const to of [...Role.options, null]) {
        const isManager = by === 'owner' || by === 'admin'
        const isAllowed = isManager && isAtLeast(by, from) && (to === null || isAtLeast(by, to))
        expect([by, from, to, decide({ by, self: false, from, to, owners: 2 })]).toEqual([
          by,
          from,
          to,
          isAllowed ? 'yes' : 'forbidden',
        ])
      }
    }
  }
})

test('everybody may leave, but the last owner', () => {
  for (const role of Role.options) {
    expect(decide({ by: role, self: true, from: role, to: null, owners: 2 })).toBe('yes')
    expect(decide({ by: role, self: true, from: role, to: null, owners: 1 })).toBe(
      role === 'owner' ? 'last-owner' : 'yes',
    )
  }
})

test('the last owner cannot step down either; of two, one can', () => {
  expect(decide({ by: 'owner', self: true, from: 'owner', to: 'admin', owners: 1 })).toBe('last-owner')
  expect(decide({ by: 'owner', self: true, from: 'owner', to: 'admin', owners: 2 })).toBe('yes')
  expect(decide({ by: 'admin', self: true, from: 'admin', to: 'owner', owners: 1 })).toBe('forbidden')
})

test('invitations grant no more than their maker holds', () => {
  const allowed = Role.options.flatMap((by) =>
    Role.options.filter((role) => mayInviteAs(by, role)).map((role) => `${by}>${role}`),
  )
  expect(allowed).toEqual([
    'owner>owner',
    'owner>admin',
    'owner>editor',
    'owner>commenter',
    'owner>viewer',
    'admin>admin',
    'admin>editor',
    'admin>commenter',
    'admin>viewer',
  ])
})
