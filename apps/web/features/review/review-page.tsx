'use client'
// The review: what changed both here and on GitHub, one item at a time. Three versions above, below them the file itself, which
// everybody can edit; whatever is chosen, both versions stay in the history.

import type { Conflict, GithubStatus, Me, Project } from '@skein/protocol'
import { ChevronLeft, ChevronRight, CircleCheck } from 'lucide-react'
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { Notice } from '../../components/notice.tsx'
import { PageState } from '../../components/page-state.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { useSyncOperations } from '../../lib/api/github.ts'
import { projectPath, syncPath } from '../../lib/paths.ts'
import { eventToKeys, formatKeys, isMac, shortcutKeys } from '../../lib/shortcuts.ts'
import { sheetId } from '../editor/editor-ids.ts'
import { useAnnounce } from '../facts/announcer.tsx'
import type { PeopleHere } from '../presence/use-people-here.ts'
import type { Rights } from '../project/rights.ts'
import type { CurrentFile } from '../project/use-current-file.ts'
import { ViewLink } from '../sync/view-link.tsx'
import { decisionToWords, doneLabel, endToWords, placeOf, whatHappened } from './conflict-words.ts'
import { ItemList } from './item-list.tsx'
import { Result } from './result.tsx'
import type { ReviewHandle } from './review-handle.ts'
import { type Choice, type Review, useReview } from './use-review.ts'
import { Versions } from './versions.tsx'
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

  /** In the text ⌘↵ would begin a line; here it is caught before the text hears of it. */
  const onKeyCapture = (event: KeyboardEvent): void => {
    if (eventToKeys(event) !== shortcutKeys('review-done') || event.nativeEvent.isComposing) return
    event.preventDefault()
    event.stopPropagation()
    if (!event.repeat) done()
  }
  const onKey = (event: KeyboardEvent): void => {
    const choice = keysOfChoices[event.key]
    const isHeld = event.metaKey || event.ctrlKey || event.altKey || event.shiftKey || event.repeat
    if (!choice || isHeld || isText(event.target)) return
    event.preventDefault()
    use(choice)
  }
  return (
    <main
      className="main main-wide sheet review"
      id={sheetId}
      data-region
      tabIndex={-1}
      aria-labelledby="review-title"
      onKeyDownCapture={onKeyCapture}
      onKeyDown={onKey}
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
              <Item {...props} review={review} conflict={conflict} canDecide={canDecide} />
            ) : review.error ? (
              <Missing review={review} />
            ) : (
              <Bones />
            )}
          </div>
        </div>
      ) : review.error ? (
        <ServerState error={review.error} onRetry={review.retry} />
      ) : items ? (
        <End {...{ reference, github }} />
      ) : (
        <Bones />
      )}
    </main>
  )
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

function Items({ project, reference, item, github, review }: ReviewPageProps & { review: Review }) {
  const operations = useSyncOperations(project.id).data?.pages.flatMap(({ items }) => items) ?? []
  const { items = [], conflict } = review
  const pull = operations.find(
    ({ direction, oidAfter }) => direction === 'pull' && oidAfter !== null && oidAfter === conflict?.remote.oid,
  )
  return (
    <ItemList
      projectId={project.id}
      reference={reference}
      items={items}
      openCount={Math.max(items.length, github?.openConflicts ?? 0)}
      currentId={item}
      pull={pull}
    />
  )
}

function Item({
  project,
  me,
  current,
  people,
  rights,
  conflict,
  review,
  canDecide,
}: ReviewPageProps & { review: Review; conflict: Conflict; canDecide: boolean }) {
  const isOpen = conflict.state === 'open'
  const mayDecide = canDecide && isOpen
  const isLeaving = review.pending === 'done'
  return (
    <>
      <p className="review-place only-narrow">
        <b className="strong clip">{conflict.path}</b>
        <span className="faint">
          {placeOf(conflict)}, {whatHappened(conflict)}
        </span>
      </p>
      {!isOpen && !isLeaving && <Decided {...{ conflict, review }} ownId={me.id} />}
      <Versions
        conflict={conflict}
        canDecide={mayDecide}
        pending={review.pending === 'done' ? null : review.pending}
        onUse={review.use}
      />
      <Result
        projectId={project.id}
        {...{ conflict, current, people }}
        canDecide={mayDecide}
        isReadOnly={!rights.isEditor}
        isUsingBoth={review.pending === 'both'}
        onUseBoth={() => review.use('both')}
      />
      <footer className="review-foot row">
        {review.fault ? (
          <span className="bad grow" role="alert">
            {review.fault.message} {review.fault.hint}
          </span>
        ) : (
          <span className="faint grow">
            {mayDecide
              ? 'Both versions stay in the history, whatever you choose.'
              : !isOpen
                ? 'Both versions stay in the history.'
                : rights.isEditor
                  ? 'Decisions wait for the network. What you type is kept.'
                  : 'You can read this project. Its editors decide.'}
          </span>
        )}
        {mayDecide && (
          <Button kind="primary" aria-keyshortcuts="Meta+Enter" busy={isLeaving} onClick={review.done}>
            {doneLabel(conflict)} <span className="kbd">{formatKeys(shortcutKeys('review-done'), isMac())}</span>
          </Button>
        )}
      </footer>
    </>
  )
}

/** Decided meanwhile: said with who, and the way on. Nothing moves by itself, since somebody may be typing in the result. */
function Decided({ conflict, review, ownId }: { conflict: Conflict; review: Review; ownId: string }) {
  const rest = review.items?.length ?? 0
  return (
    <Notice
      kind="good"
      className="sheet-notice"
      title={decisionToWords(conflict, ownId)}
      action={
        <Button onClick={() => review.go(1)} disabled={rest === 0}>
          {rest === 0 ? 'Nothing left' : 'To the next'}
        </Button>
      }
    >
      {rest === 0 ? 'It was the last one; pushing goes on.' : `${rest === 1 ? '1 is' : `${rest} are`} left to review.`}
    </Notice>
  )
}

function Missing({ review }: { review: Review }) {
  const { error } = review
  if (error && error.status !== 404) return <ServerState error={error} onRetry={review.retry} />
  return (
    <PageState
      title="This is not there any more"
      actions={
        <Button kind="primary" onClick={() => review.go(1)}>
          To the next
        </Button>
      }
    >
      It was decided a while ago, or its file was taken away. What it held stays in the history.
    </PageState>
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
