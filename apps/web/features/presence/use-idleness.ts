'use client'
// Idleness in the awareness of the current document: says one's own, and reads who of the others is idle.

import { useEffect, useMemo, useState } from 'react'
import type { LiveDocument } from '../project/live-document.ts'
import { idleUsers } from './people.ts'
import { useIdle } from './use-idle.ts'

const nobody: ReadonlySet<string> = new Set()

/** The ids of the others who are idle. */
export function useIdleness(document: LiveDocument | undefined): ReadonlySet<string> {
  const isIdle = useIdle()
  const [idleIds, setIdleIds] = useState('')

  useEffect(() => {
    document?.awareness.setLocalStateField('idle', isIdle)
  }, [document, isIdle])

  useEffect(() => {
    if (!document) return setIdleIds('')
    const { awareness } = document
    const read = (): void => {
      const states = [...awareness.getStates()].filter(([clientId]) => clientId !== awareness.clientID)
      setIdleIds([...idleUsers(states.map(([, state]) => state))].sort().join('\n'))
    }
    read()
    awareness.on('change', read)
    return () => awareness.off('change', read)
  }, [document])

  return useMemo(() => (idleIds === '' ? nobody : new Set(idleIds.split('\n'))), [idleIds])
}
