'use client'
// What the open project tells screen readers: changes of the saved fact, when pushing waits for somebody, who comes and goes.

import type { File, GithubStatus } from '@skein/protocol'
import { useEffect, useRef } from 'react'
import { useAnnounce } from '../facts/announcer.tsx'
import { announcementOf, announcementOfGithub } from '../facts/fact-words.ts'
import type { SavedState } from '../facts/saved-machine.ts'
import { pathToName } from '../files/tree-model.ts'
import type { PersonHere } from '../presence/people.ts'
import { describeArrivals } from '../presence/people.ts'

const nobody: readonly PersonHere[] = []

export function useAnnouncements(options: {
  saved: SavedState
  github: GithubStatus | undefined
  current: File | null
  people: readonly PersonHere[] | undefined
  ownId: string
}): void {
  const { saved, github, current, people = nobody, ownId } = options
  const announce = useAnnounce()
  const saidBefore = useRef<SavedState['kind']>('opening')
  const hereBefore = useRef<{ fileId: string | null; people: readonly PersonHere[] }>({ fileId: null, people: nobody })

  useEffect(() => {
    const before = saidBefore.current
    saidBefore.current = saved.kind
    // That a file opened saved is no news.
    if (before === saved.kind || (before === 'opening' && saved.kind === 'saved')) return
    const announcement = announcementOf(saved)
    if (announcement) announce(announcement.words, { isUrgent: announcement.isUrgent })
  }, [saved, announce])

  const githubBefore = useRef<GithubStatus | undefined>(undefined)
  useEffect(() => {
    const before = githubBefore.current
    githubBefore.current = github
    const words = before && github && announcementOfGithub(before, github)
    if (words) announce(words)
  }, [github, announce])

  useEffect(() => {
    const others = people.filter(({ id }) => id !== ownId)
    const before = hereBefore.current
    hereBefore.current = { fileId: current?.id ?? null, people: others }
    if (!current || before.fileId !== current.id) return
    const words = describeArrivals(before.people, others, pathToName(current.path))
    if (words) announce(words)
  }, [current, people, ownId, announce])
}
