'use client'
// The matches of a search, by file. The list is told to the field that stands above it and keeps the focus.

import type { FileMatches } from '@skein/protocol'
import { FileText } from 'lucide-react'
import { useMemo } from 'react'
import { Icon } from '../../components/icon.tsx'
import { pathToFolder, pathToName } from '../files/tree-model.ts'
import { useIsNarrow } from '../project/use-media.ts'
import { type FoundLine, shortenBefore } from './find-terms.ts'

export function FindResults(props: {
  id: string
  files: readonly FileMatches[]
  lines: readonly FoundLine[]
  chosen: FoundLine | null
  onChoose: (line: FoundLine) => void
}) {
  const { id, files, lines, chosen, onChoose } = props
  const linesByFile = useMemo(() => Map.groupBy(lines, ({ file }) => file), [lines])
  return (
    <div className="options find-results" id={id} role="listbox" aria-label="Matches">
      {files.map((file) => (
        // biome-ignore lint/a11y/useSemanticElements: options of a listbox are grouped by this role
        <div key={file.fileId} role="group" aria-labelledby={`in-${file.fileId}`} className="find-file">
          <div className="find-file-name" id={`in-${file.fileId}`} role="presentation">
            <Icon of={FileText} className="faint" />
            <span className="clip grow">
              <span className="strong">{pathToName(file.path)}</span>{' '}
              <span className="faint">{pathToFolder(file.path)}</span>
            </span>
            <span className="faint xs num">
              {file.matches.length}
              {file.hasMore && '+'}
            </span>
          </div>
          {linesByFile.get(file)?.map((line) => (
            <FoundOption key={line.id} line={line} isChosen={line.id === chosen?.id} onChoose={onChoose} />
          ))}
        </div>
      ))}
    </div>
  )
}

function FoundOption(props: { line: FoundLine; isChosen: boolean; onChoose: (line: FoundLine) => void }) {
  const { line, isChosen, onChoose } = props
  const { match } = line
  const isNarrow = useIsNarrow()
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the chosen option
    // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are those of the field
    <div id={line.id} role="option" aria-selected={isChosen} onClick={() => onChoose(line)}>
      <span className="find-line faint num">
        <span className="sr-only">Line </span>
        {match.line}
      </span>
      <span className="find-text clip">
        {shortenBefore(match, isNarrow ? 28 : 80)}
        <mark>{match.text}</mark>
        {match.after}
      </span>
    </div>
  )
}
