// Who is in a workspace, and the links by which others can come.

import {
  AcceptedInvitation,
  CreatedInvitation,
  Invitation,
  InvitationPreview,
  listOf,
  Member,
  type NewInvitation,
  type Role,
} from '@skein/protocol'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { API, request, send } from './request.ts'

const MemberList = listOf(Member)
const InvitationList = listOf(Invitation)

const pathOf = (workspace: string) => `${API}/workspaces/${encodeURIComponent(workspace)}`
const membersKey = (workspace: string) => ['workspaces', workspace, 'members'] as const
const invitationsKey = (workspace: string) => ['workspaces', workspace, 'invitations'] as const

/** The members of a workspace, in the order in which they joined. */
export function useMembers(workspace: string) {
  return useQuery({
    queryKey: membersKey(workspace),
    queryFn: ({ signal }) => request(MemberList, 'GET', `${pathOf(workspace)}/members`, { signal }),
  })
}

/** Gives a member another role, at once on the page and taken back when the server refuses. */
export function useChangeRole(workspace: string) {
  const client = useQueryClient()
  const key = membersKey(workspace)
  return useMutation({
    mutationFn: ({ userId, role }: { userId: string; role: Role }) =>
      request(Member, 'PATCH', `${pathOf(workspace)}/members/${encodeURIComponent(userId)}`, { body: { role } }),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: key })
      await client.invalidateQueries({ queryKey: ['me'] })
    },
  })
}

/** Takes a member out of a workspace; oneself included, which is leaving. */
export function useRemoveMember(workspace: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (userId: string) => send('DELETE', `${pathOf(workspace)}/members/${encodeURIComponent(userId)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: membersKey(workspace) }),
  })
}

/** The invitations of a workspace, newest first; only for those who may invite. */
export function useInvitations(workspace: string, { enabled }: { enabled: boolean }) {
  return useQuery({
    queryKey: invitationsKey(workspace),
    queryFn: ({ signal }) => request(InvitationList, 'GET', `${pathOf(workspace)}/invitations`, { signal }),
    enabled,
  })
}

/** Makes an invitation; its link is in the answer and nowhere else. */
export function useCreateInvitation(workspace: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: NewInvitation) =>
      request(CreatedInvitation, 'POST', `${pathOf(workspace)}/invitations`, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: invitationsKey(workspace) }),
  })
}

/** Withdraws an invitation; whoever came by it stays. */
export function useRevokeInvitation(workspace: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => send('DELETE', `${pathOf(workspace)}/invitations/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: invitationsKey(workspace) }),
  })
}

/** What a link leads to, for whoever holds it. */
export function useInvitationPreview(token: string) {
  return useQuery({
    queryKey: ['invitations', token],
    queryFn: ({ signal }) =>
      request(InvitationPreview, 'GET', `${API}/invitations/${encodeURIComponent(token)}`, { signal }),
  })
}

/** Accepts an invitation for whoever is signed in. */
export function acceptInvitation(token: string): Promise<AcceptedInvitation> {
  return request(AcceptedInvitation, 'POST', `${API}/invitations/${encodeURIComponent(token)}/accept`)
}
