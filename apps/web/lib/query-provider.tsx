'use client'
// The cache of what the server said. A refusal is final at once; only silence and server faults are tried again, so
// that an error is shown while it is still news.

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ApiError } from './api/error.ts'

const staleMs = 10_000
const retriesMax = 2

function isWorthAnotherTry(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 'no-answer' || error.status >= 500)
}

/** Gives the tree below one query cache for the life of the page. */
export function QueryProvider({ children }: { children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            staleTime: staleMs,
            retry: (failures, error) => failures < retriesMax && isWorthAnotherTry(error),
            // Queries also run while the browser believes to be offline: it is often wrong, and a local server is not on the network.
            networkMode: 'always',
          },
          mutations: { networkMode: 'always' },
        },
      }),
  )
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>
}
