'use client'
// One item of the review: its versions, the result, and the way out of it; or that somebody else has decided it meanwhile.

import type { Conflict } from '@skein/protocol'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { PageState } from '../../components/page-state.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { syncPath } from '../../lib/paths.ts'
import { formatKeys, isMac, shortcutKeys } from '../../lib/shortcuts.ts'
import { ViewLink } from '../sync/view-link.tsx'
import { decisionToWords, doneLabel, endToWords, placeOf, standingInFile, whatHappened } from './conflict-words.ts'
import { Result } from './result.tsx'
import type { ReviewPageProps } from './review-page.tsx'
import type { Review } from './use-review.ts'
import { Versions } from './versions.tsx'

export function ReviewItem({
  project,
  me,
  current,
  people,
  rights,
  conflict,
  review,
  canDecide,
  reference,
  github,
}: Pick<ReviewPageProps, 'project' | 'me' | 'current' | 'people' | 'rights' | 'reference' | 'github'> & {
  review: Review
  conflict: Conflict
  canDecide: boolean
}) {
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
      {!isOpen && !isLeaving && <Decided {...{ conflict, review, reference, github }} ownId={me.id} />}
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
      <Foot {...{ conflict, review, mayDecide }} isEditor={rights.isEditor} />
    </>
  )
}

/** Decided meanwhile: said with who, and the way on. Nothing moves by itself, since somebody may be typing in the result. */
function Decided({
  conflict,
  review,
  reference,
  github,
  ownId,
}: Pick<ReviewPageProps, 'reference' | 'github'> & { conflict: Conflict; review: Review; ownId: string }) {
  const rest = review.items?.length ?? 0
  return (
    <Notice
      kind="good"
      className="sheet-notice"
      title={decisionToWords(conflict, ownId)}
      action={
        rest === 0 ? (
          <ViewLink kind="primary" href={syncPath(reference)}>
            Show sync
          </ViewLink>
        ) : (
          <Button onClick={() => review.go(1)}>To the next</Button>
        )
      }
    >
      {rest === 0
        ? `Nothing is left to review. ${endToWords(github)}`
        : `${rest === 1 ? '1 is' : `${rest} are`} left to review.`}
    </Notice>
  )
}

/** What becomes of both versions, what was refused, and the button that closes the item. */
function Foot({
  conflict,
  review,
  mayDecide,
  isEditor,
}: {
  conflict: Conflict
  review: Review
  mayDecide: boolean
  isEditor: boolean
}) {
  return (
    <footer className="review-foot row">
      {review.fault ? (
        <span className="bad grow" role="alert">
          {review.fault.message} {review.fault.hint}
        </span>
      ) : (
        <span className="faint grow">
          {mayDecide
            ? `${standingInFile(conflict) ?? ''} Both versions stay in the history, whatever you choose.`
            : conflict.state === 'resolved'
              ? 'Both versions stay in the history.'
              : isEditor
                ? 'Decisions wait for the network. What you type is kept.'
                : 'You can read this project. Its editors decide.'}
        </span>
      )}
      {mayDecide && (
        <Button kind="primary" aria-keyshortcuts="Meta+Enter" busy={review.pending === 'done'} onClick={review.done}>
          {doneLabel(conflict)} <span className="kbd">{formatKeys(shortcutKeys('review-done'), isMac())}</span>
        </Button>
      )}
    </footer>
  )
}

/** An address of an item that is there no more. */
export function MissingItem({ review }: { review: Review }) {
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
