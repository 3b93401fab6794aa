'use client'
// Who is here. A press on somebody follows them: their file opens and their caret stays in sight, until a key, a click or a
// scroll of one's own.

import { avatarClass, nameToInitial, type PresenceColour } from '../../components/avatar.tsx'
import type { PersonHere } from './people.ts'

const shownMax = 5

export function Avatars({
  others,
  followedId,
  onFollow,
}: {
  others: readonly PersonHere[]
  followedId: string | null
  onFollow: (id: string | null) => void
}) {
  const shown = others.slice(0, shownMax)
  const hidden = others.slice(shownMax)
  return (
    <>
      {shown.map(({ id, name, colour, isIdle }) => {
        const isFollowed = id === followedId
        const words = isFollowed ? `Following ${name}` : `Follow ${name}${isIdle ? ', idle' : ''}`
        return (
          <button
            key={id}
            type="button"
            className={`${avatarClass({ colour: colour as PresenceColour, idle: isIdle })}${isFollowed ? '' : ' only-wide'}`}
            aria-pressed={isFollowed}
            aria-label={words}
            title={words}
            onClick={() => onFollow(isFollowed ? null : id)}
          >
            {nameToInitial(name)}
          </button>
        )
      })}
      {hidden.length > 0 && (
        <span className="faint xs only-wide" title={hidden.map(({ name }) => name).join(', ')}>
          +{hidden.length}
        </span>
      )}
    </>
  )
}
