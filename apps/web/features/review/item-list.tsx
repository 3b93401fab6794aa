'use client'
// The open items at the side, and what else came from GitHub without anybody having to decide.

import type { Conflict, SyncOperation } from '@skein/protocol'
import { useState } from 'react'
import { useCommit } from '../../lib/api/conflicts.ts'
import { toApiError } from '../../lib/api/error.ts'
import { filePath, reviewPath } from '../../lib/paths.ts'
import { countOf } from '../sync/sync-words.ts'
import { ViewLink } from '../sync/view-link.tsx'
import { placeOf, pullOf, whatHappened } from './conflict-words.ts'
import { DecideAll } from './decide-all.tsx'

export function ItemList({
  projectId,
  reference,
  items,
  openCount,
  currentId,
  pull,
  canDecideAll,
}: {
  projectId: string
  reference: string
  items: readonly Conflict[]
  /** How many are open; more than are listed when there are very many. */
  openCount: number
  currentId: string | null
  /** The operation that brought the current item. */
  pull: SyncOperation | undefined
  canDecideAll: boolean
}) {
  return (
    <nav className="review-items only-wide" aria-label="Lines and files to review">
      {items.map((item) => (
        <ViewLink
          key={item.id}
          className="review-item"
          href={reviewPath(reference, item.id)}
          {...(item.id === currentId && { 'aria-current': 'true' })}
        >
          <b className="strong clip" title={item.path}>
            {item.path}
          </b>
          <span className="faint">
            {item.kind === 'file' ? capital(whatHappened(item)) : `${placeOf(item)}, ${whatHappened(item)}`}
          </span>
        </ViewLink>
      ))}
      {items.length === 0 && <p className="faint">Nothing is left to review.</p>}
      {openCount > items.length && items.length > 0 && (
        <p className="faint xs">{openCount - items.length} more follow when these are decided.</p>
      )}
      {canDecideAll && items.length > 1 && <DecideAll projectId={projectId} count={openCount} />}
      {pull && <OtherChanges {...{ projectId, reference, items, pull }} />}
    </nav>
  )
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

/** The files that came with the same pull and are merged. */
function OtherChanges({
  projectId,
  reference,
  items,
  pull,
}: {
  projectId: string
  reference: string
  items: readonly Conflict[]
  pull: SyncOperation
}) {
  const [isShown, setIsShown] = useState(false)
  const oid = pull.oidAfter
  const commit = useCommit(projectId, oid ?? '', { enabled: isShown && oid !== null })
  const disputed = new Set(items.filter((item) => pullOf(item, [pull])).map(({ path }) => path))
  const others = (pull.files ?? 0) - disputed.size
  if (others <= 0 || oid === null) return null
  const files = commit.data?.files.filter(({ path }) => !disputed.has(path)) ?? []
  return (
    <div className="review-others faint xs">
      <p>
        {others === 1 ? '1 other file' : countOf(others, 'other file')} from GitHub {others === 1 ? 'was' : 'were'}{' '}
        merged.{' '}
        <button type="button" className="link" aria-expanded={isShown} onClick={() => setIsShown(!isShown)}>
          {isShown ? 'Hide' : 'Show'} {others === 1 ? 'it' : 'them'}
        </button>
      </p>
      {isShown && commit.isPending && <p className="late">Looking …</p>}
      {isShown && commit.error && (
        <p className="bad" role="alert">
          {toApiError(commit.error).message} {toApiError(commit.error).hint}
        </p>
      )}
      {isShown && commit.data && (
        <ul className="mono">
          {files.map(({ path, change }) => (
            <li key={path} className="clip" title={path}>
              {change === 'deleted' ? (
                <s>{path}</s>
              ) : (
                <ViewLink kind="link" href={filePath(reference, path)}>
                  {path}
                </ViewLink>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
