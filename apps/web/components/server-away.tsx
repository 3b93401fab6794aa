'use client'
// Told above the content while the server does not answer: what is on the page stays, and is asked for again until the
// server is back. (Inside a project the saved fact tells it instead.)

import { useQueryClient } from '@tanstack/react-query'
import { CloudOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { ApiError } from '../lib/api/error.ts'
import { Notice } from './notice.tsx'

const retryMs = 5_000

function isAwayError(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 'no-answer' || error.code === 'unavailable')
}

/** The notice; draws nothing while requests are answered. */
export function ServerAway() {
  const client = useQueryClient()
  const [isAway, setAway] = useState(false)
  useEffect(
    () =>
      client.getQueryCache().subscribe((event) => {
        if (event.type !== 'updated') return
        if (event.action.type === 'error') setAway(isAwayError(event.action.error))
        if (event.action.type === 'success') setAway(false)
      }),
    [client],
  )
  useEffect(() => {
    if (!isAway) return
    const timer = setInterval(() => void client.refetchQueries({ type: 'active' }), retryMs)
    return () => clearInterval(timer)
  }, [isAway, client])
  if (!isAway) return null
  return (
    <div className="away">
      <Notice kind="warn" icon={CloudOff} title="Skein does not answer.">
        Everything marked Saved is stored. This page shows what it knew last and asks again every few seconds.
      </Notice>
    </div>
  )
}
