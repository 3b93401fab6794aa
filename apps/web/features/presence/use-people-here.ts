'use client'
// Who is here as the page shows it: avatars, dots beside files, one's own colour, and whoever is followed.

import type { Me } from '@skein/protocol'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { PresenceColour } from '../../components/avatar.tsx'
import type { CurrentFile } from '../project/use-current-file.ts'
import { othersHere, type PersonHere, type PresentPerson, peopleByFile as toPeopleByFile } from './people.ts'
import { useFollow } from './use-follow.ts'
import { useIdleness } from './use-idleness.ts'

const nobody: readonly PresentPerson[] = []

export type PeopleHere = {
  others: readonly PersonHere[]
  peopleByFile: ReadonlyMap<string, readonly PersonHere[]>
  colour: PresenceColour
  /** Whoever is followed. */
  leader: PersonHere | undefined
  follow: (id: string | null) => void
}

export function usePeopleHere(options: {
  present: readonly PresentPerson[]
  /** Without a connection nobody knows who is here. */
  isAway: boolean
  me: Me
  current: CurrentFile
}): PeopleHere {
  const { present, isAway, me, current } = options
  const { file, fileOf, open, document, editor } = current
  const [followedId, follow] = useState<string | null>(null)
  const idle = useIdleness(document)
  const people = isAway ? nobody : present
  const fileId = file?.id ?? null
  const others = useMemo(() => othersHere(people, idle, me.id), [people, idle, me.id])
  const peopleByFile = useMemo(
    () => toPeopleByFile(people, idle, { id: me.id, currentFileId: fileId }),
    [people, idle, me.id, fileId],
  )

  // Whoever is followed leads: when they change files, so does this window.
  const leader = followedId === null ? undefined : others.find(({ id }) => id === followedId)
  useEffect(() => {
    const place = leader?.fileIds.at(-1)
    const next = place === undefined ? undefined : fileOf(place)
    if (next && !leader?.fileIds.includes(fileId ?? '')) open(next, false)
  }, [leader, fileOf, fileId, open])
  const endFollow = useCallback(() => follow(null), [])
  useFollow({ followedId, editor, document, onEnd: endFollow })

  const colour = (present.find(({ person }) => person.id === me.id)?.person.colour ?? 1) as PresenceColour
  return { others, peopleByFile, colour, leader, follow }
}
