'use client'
// The review: what changed both here and on GitHub, one item at a time. Three versions above, below them the file itself, which
// everybody can edit; whatever is chosen, both versions stay in the history.

import type { Conflict, GithubStatus, Me, Project } from '@skein/protocol'
import { ChevronLeft, ChevronRight, CircleCheck } from 'lucide-react'
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { PageState } from '../../components/page-state.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { useSyncOperations } from '../../lib/api/github.ts'
import { projectPath, syncPath } from '../../lib/paths.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { eventToKeys, formatKeys, isMac, shortcutKeys } from '../../lib/shortcuts.ts'
import { sheetId } from '../editor/editor-ids.ts'
import { useAnnounce } from '../facts/announcer.tsx'
import type { PeopleHere } from '../presence/use-people-here.ts'
import type { Rights } from '../project/rights.ts'
import type { CurrentFile } from '../project/use-current-file.ts'
import { ViewLink } from '../sync/view-link.tsx'
import { endToWords, placeOf, pullOf } from './conflict-words.ts'
import { ItemList } from './item-list.tsx'
import type { ReviewHandle } from './review-handle.ts'
import { MissingItem, ReviewItem } from './review-item.tsx'
import { type Choice, type Review, useReview } from './use-review.ts'
import './review.css'
import '../sync/sync.css'

export type ReviewPageProps = {
  project: Project
  reference: string
  me: Me
  /** The id of the item that is shown; null: the first. */
  item: string | null
  github: GithubStatus | undefined
  current: CurrentFile
  people: PeopleHere
  rights: Rights
  handle: Ref<ReviewHandle>
}

const keysOfChoices: Record<string, Choice> = { '1': 'ours', '2': 'theirs', '3': 'both' }
const isText = (target: EventTarget): boolean =>
  target instanceof Element &&
  target.closest('input:not([type="radio"]), textarea, select, [contenteditable="true"]') !== null

export function ReviewPage(props: ReviewPageProps) {
  const { project, reference, item, current, rights, github } = props
  const canDecide = rights.isEditor && !rights.isAway
  const review = useReview({ projectId: project.id, reference, item, document: current.document, canDecide })
  const { items, conflict, go, done, use } = review
  useImperativeHandle(props.handle, () => ({ go, done }), [go, done])
  const at = items?.findIndex(({ id }) => id === item) ?? -1
  useTellItem(conflict, at, items?.length ?? 0)
  const keys = useReviewKeys({ done, use })
  return (
    <main
      className="main main-wide sheet review"
      id={sheetId}
      data-region
      tabIndex={-1}
      aria-labelledby="review-title"
      {...keys}
    >
      <header className="bar">
        <ViewLink className="btn btn-quiet btn-icon btn-sm" href={syncPath(reference)} aria-label="Back to sync">
          <Icon of={ChevronLeft} />
        </ViewLink>
        <h1 className="strong grow clip" id="review-title">
          Review before pushing
        </h1>
        {items && items.length > 0 && (
          <>
            <span className="faint num">{at >= 0 ? `${at + 1} of ${items.length}` : `${items.length} open`}</span>
            <Step by={-1} review={review} />
            <Step by={1} review={review} />
          </>
        )}
      </header>
      {items && (items.length > 0 || conflict) ? (
        <div className="review-columns">
          <Items {...props} review={review} />
          <div className="work">
            {conflict ? (
              <ReviewItem {...props} review={review} conflict={conflict} canDecide={canDecide} />
            ) : review.error ? (
              <MissingItem review={review} />
            ) : (
              <Bones />
            )}
          </div>
        </div>
      ) : review.error && !(items && review.error.status === 404) ? (
        <ServerState error={review.error} onRetry={review.retry} />
      ) : items ? (
        <End {...{ reference, github }} />
      ) : (
        <Bones />
      )}
    </main>
  )
}

/** The keys of the region while the focus is in it: a plain digit means a version only there, and never in a text. */
function useReviewKeys({ done, use }: Pick<Review, 'done' | 'use'>) {
  /** In the text ⌘↵ would begin a line; here it is caught before the text hears of it. */
  const onKeyDownCapture = (event: KeyboardEvent): void => {
    if (eventToKeys(event) !== shortcutKeys('review-done') || event.nativeEvent.isComposing) return
    event.preventDefault()
    event.stopPropagation()
    if (!event.repeat) done()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const choice = keysOfChoices[event.key]
    const isHeld = event.metaKey || event.ctrlKey || event.altKey || event.shiftKey || event.repeat
    if (!choice || isHeld || isText(event.target)) return
    event.preventDefault()
    use(choice)
  }
  return { onKeyDownCapture, onKeyDown }
}

/** Says where one has come, for those who do not see it. */
function useTellItem(conflict: Conflict | undefined, at: number, count: number): void {
  const announce = useAnnounce()
  const id = conflict?.id
  // biome-ignore lint/correctness/useExhaustiveDependencies: another item is told, not another word of the same one
  useEffect(() => {
    if (conflict && at >= 0) announce(`${conflict.path}, ${placeOf(conflict)}, ${at + 1} of ${count} to review`)
  }, [id, at >= 0])
}

function Step({ by, review }: { by: 1 | -1; review: Review }) {
  const isNext = by === 1
  const keys = formatKeys(shortcutKeys(isNext ? 'next-review' : 'previous-review'), isMac())
  const label = isNext ? 'Next' : 'Previous'
  return (
    <Button
      kind="quiet"
      size="sm"
      square
      aria-label={`${label}, ${keys}`}
      title={`${label} (${keys})`}
      disabled={(review.items?.length ?? 0) < (review.conflict?.state === 'open' ? 2 : 1)}
      onClick={() => review.go(by)}
    >
      <Icon of={isNext ? ChevronRight : ChevronLeft} />
    </Button>
  )
}

function Items({ project, reference, item, github, rights, review }: ReviewPageProps & { review: Review }) {
  const operations = useSyncOperations(project.id).data?.pages.flatMap(({ items }) => items) ?? []
  const { conflict } = review
  // The item that is shown knows its place of now.
  const items = (review.items ?? []).map((listed) => (listed.id === conflict?.id ? conflict : listed))
  const pull = conflict && pullOf(conflict, operations)
  return (
    <ItemList
      projectId={project.id}
      reference={reference}
      items={items}
      openCount={Math.max(items.length, github?.openConflicts ?? 0)}
      currentId={item}
      pull={pull}
      canDecideAll={rights.isEditor && !rights.isAway && isAtLeast(project.role, 'admin')}
    />
  )
}

function End({ reference, github }: { reference: string; github: GithubStatus | undefined }) {
  return (
    <PageState
      icon={CircleCheck}
      title="Nothing left to review"
      actions={
        <>
          <ViewLink kind="primary" href={syncPath(reference)}>
            Show sync
          </ViewLink>
          <ViewLink className="btn btn-quiet" href={`${projectPath(reference)}/f`}>
            Back to the files
          </ViewLink>
        </>
      }
    >
      {endToWords(github)}
    </PageState>
  )
}

function Bones() {
  return (
    <div className="bones" aria-busy="true" role="status" aria-label="Opening the review">
      {['38%', '88%', '64%', '0', '92%', '71%'].map((width) => (
        <Bone key={width} width={width} />
      ))}
    </div>
  )
}
