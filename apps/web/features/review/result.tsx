'use client'
// The result: the file itself, live for everyone, at the place that is reviewed. A file that is no text is named for what it is.

import type { Conflict } from '@skein/protocol'
import { FileX } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Avatar, type PresenceColour } from '../../components/avatar.tsx'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import EditorPane from '../editor/editor-pane.tsx'
import { FileBones } from '../editor/file-bones.tsx'
import { FileCard } from '../editor/file-card.tsx'
import { TooLargeNotice } from '../editor/sheet-notices.tsx'
import { pathToName } from '../files/tree-model.ts'
import type { PeopleHere } from '../presence/use-people-here.ts'
import type { CurrentFile } from '../project/use-current-file.ts'
import { canUse } from './conflict-words.ts'

export type ResultProps = {
  projectId: string
  conflict: Conflict
  current: CurrentFile
  people: PeopleHere
  canDecide: boolean
  isReadOnly: boolean
  isUsingBoth: boolean
  onUseBoth: () => void
}

export function Result(props: ResultProps) {
  const { conflict, current, people, canDecide, isUsingBoth, onUseBoth } = props
  const here = current.file ? (people.peopleByFile.get(current.file.id) ?? []) : []
  const words =
    conflict.kind === 'lines'
      ? 'The file itself, live for everyone. Edit it as you like.'
      : 'The file as it stands now.'
  return (
    <section className="result" aria-label="Result">
      <header className="row">
        <b className="strong">Result</b>
        <span className="faint grow clip only-wide">{words}</span>
        <span className="grow only-narrow" />
        <span className="avatars">
          {here.map(({ id, name, colour, isIdle }) => (
            <Avatar key={id} name={name} colour={colour as PresenceColour} idle={isIdle} small />
          ))}
        </span>
        {canDecide && canUse(conflict, 'both') && (
          <Button kind="quiet" size="sm" aria-keyshortcuts="3" busy={isUsingBoth} onClick={onUseBoth}>
            Use both <span className="kbd">3</span>
          </Button>
        )}
      </header>
      <ResultBody {...props} />
    </section>
  )
}

function ResultBody({ projectId, conflict, current, isReadOnly }: ResultProps) {
  const { file, document: live, viewpoints, setEditor } = current
  const [tooLarge, setTooLarge] = useState<number | null>(null)
  useReveal(conflict, current)
  if (!file) {
    return (
      <div className="empty sheet-fill">
        <Icon of={FileX} size="lg" className="faint" />
        <b className="strong">{pathToName(conflict.path)} is not in the project now</b>
        <p>
          The version that is used brings it back or leaves it deleted. Nothing of it is lost: the history has both.
        </p>
      </div>
    )
  }
  if (file.kind !== 'text')
    return <FileCard projectId={projectId} file={file} canEdit={false} onReplace={() => undefined} />
  if (!live?.isReady) return <FileBones key={file.id} name={pathToName(file.path)} />
  return (
    <>
      {tooLarge !== null && <TooLargeNotice bytes={tooLarge} onClose={() => setTooLarge(null)} />}
      <EditorPane
        document={live}
        path={file.path}
        isReadOnly={isReadOnly || live.isReadOnly || live.denial !== null}
        viewpoints={viewpoints}
        takesFocus={false}
        onPlace={() => undefined}
        onTooLarge={setTooLarge}
        onEditor={setEditor}
      />
    </>
  )
}

/** Brings the place into view once for each item, when its text is there; never again, so that nobody's caret is moved. */
function useReveal({ id, line, kind }: Conflict, { editor, file }: CurrentFile): void {
  const revealed = useRef<string | null>(null)
  useEffect(() => {
    if (!editor?.view.dom.isConnected || !file || revealed.current === id) return
    revealed.current = id
    if (kind === 'lines' && line !== null) editor.revealLine(line)
  }, [editor, file, id, line, kind])
}
