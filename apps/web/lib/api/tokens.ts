// API tokens of the person who is signed in.

import { ApiToken, CreatedToken, type CreateToken, listOf } from '@skein/protocol'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { API, request, send } from './request.ts'

const TokenList = listOf(ApiToken)
const tokensKey = ['tokens'] as const

/** One's own tokens, newest first; revoked ones are not among them. */
export function useTokens() {
  return useQuery({
    queryKey: tokensKey,
    queryFn: ({ signal }) => request(TokenList, 'GET', `${API}/tokens`, { signal }),
  })
}

/** Makes a token; its text is in the answer and nowhere else. */
export function useCreateToken() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: CreateToken) => request(CreatedToken, 'POST', `${API}/tokens`, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
  })
}

/** Revokes a token at once. */
export function useRevokeToken() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => send('DELETE', `${API}/tokens/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
  })
}
