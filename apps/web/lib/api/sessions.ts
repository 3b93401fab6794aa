// The devices on which one is signed in, one's name, and one's password. They are better-auth's (`/api/auth`); the server
// lets through what stands here.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ApiError } from './error.ts'
import { request, send } from './request.ts'
import type { Schema } from './schema.ts'

/** A signed-in device. `token` names the session to better-auth and is never shown. */
export type Session = { id: string; token: string; createdAt: string; updatedAt: string; userAgent: string | null }

const sessionsKey = ['sessions'] as const

function isSession(value: unknown): value is Session {
  const session = value as Partial<Session> | null
  return typeof session?.id === 'string' && typeof session.token === 'string' && typeof session.updatedAt === 'string'
}

const SessionList: Schema<Session[]> = {
  safeParse: (value) =>
    Array.isArray(value) && value.every(isSession) ? { success: true, data: value } : { success: false },
}

const CurrentSession: Schema<{ session: Session }> = {
  safeParse: (value) => {
    const answer = value as { session?: unknown } | null
    return isSession(answer?.session) ? { success: true, data: { session: answer.session } } : { success: false }
  },
}

/** Every session of the account, and which of them is this one. */
export function useSessions() {
  return useQuery({
    queryKey: sessionsKey,
    queryFn: async ({ signal }) => {
      const [sessions, current] = await Promise.all([
        request(SessionList, 'GET', '/api/auth/list-sessions', { signal }),
        request(CurrentSession, 'GET', '/api/auth/get-session', { signal }),
      ])
      return sessions
        .map((session) => ({ ...session, isCurrent: session.id === current.session.id }))
        .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.updatedAt.localeCompare(a.updatedAt))
    },
  })
}

/** Signs a device out. */
export function useRevokeSession() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (token: string) => send('POST', '/api/auth/revoke-session', { body: { token } }),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsKey }),
  })
}

/** Signs every other device out. */
export function useRevokeOtherSessions() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => send('POST', '/api/auth/revoke-other-sessions', { body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsKey }),
  })
}

/** Changes the name that others see. */
export function useRenameMe() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (name: string) => send('POST', '/api/auth/update-user', { body: { name } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['me'] }),
  })
}

/** Changes the password; other devices are signed out by it. */
export function useChangePassword() {
  const client = useQueryClient()
  return useMutation<void, ApiError, { currentPassword: string; newPassword: string }>({
    mutationFn: (body) => send('POST', '/api/auth/change-password', { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsKey }),
  })
}
