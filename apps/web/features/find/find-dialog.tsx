'use client'
// Find in all files: what to look for, where, and what was found, by file. The focus stays in the field; arrows walk through
// the matches, Enter goes to one.

import type { FileMatches, TextMatch } from '@skein/protocol'
import { CaseSensitive, type LucideIcon, Regex, SlidersHorizontal, TextSearch, WholeWord } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { Icon } from '../../components/icon.tsx'
import { FindFoot, FindNothing } from './find-outcome.tsx'
import { FindResults } from './find-results.tsx'
import { type FindTerms, type FoundLine, listLines } from './find-terms.ts'
import type { Find } from './use-find.ts'
import './find.css'

type FindDialogProps = {
  find: Find
  /** What to look for; undefined: what was looked for last. */
  query: string | undefined
  /** Goes to a match in the text. */
  onOpen: (file: FileMatches, match: TextMatch) => void
  onClose: () => void
}

const toggles: readonly { term: 'caseSensitive' | 'wholeWord' | 'regex'; label: string; icon: LucideIcon }[] = [
  { term: 'caseSensitive', label: 'Match case', icon: CaseSensitive },
  { term: 'wholeWord', label: 'Whole word', icon: WholeWord },
  { term: 'regex', label: 'Expression', icon: Regex },
]

/** The place of the chosen line, and the keys that move it. */
function useChosen(lines: readonly FoundLine[], onChoose: (line: FoundLine) => void) {
  const [chosenId, setChosenId] = useState<string | null>(null)
  const at = Math.max(
    0,
    lines.findIndex(({ id }) => id === chosenId),
  )
  const chosen = lines[at] ?? null
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && lines.length > 0) {
      event.preventDefault()
      setChosenId(lines[(at + step + lines.length) % lines.length]?.id ?? null)
    }
    if (event.key === 'Enter' && chosen && !event.nativeEvent.isComposing) {
      event.preventDefault()
      onChoose(chosen)
    }
  }
  useEffect(() => {
    if (chosen) document.getElementById(chosen.id)?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return { chosen, onKeyDown }
}

export function FindDialog({ find, query, onOpen, onClose }: FindDialogProps) {
  const { terms, files, error, change, searchAgain } = find
  const field = useRef<HTMLInputElement>(null)
  const [showsPaths, setShowsPaths] = useState(terms.include !== '' || terms.exclude !== '')
  const [listId, faultId] = [useId(), useId()]
  // What was looked for last is looked for again: the texts have changed since.
  useEffect(() => {
    if (query !== undefined) change({ query })
    else searchAgain()
  }, [query, change, searchAgain])
  const lines = error ? [] : listLines(files)
  const choose = ({ file, match }: FoundLine): void => {
    onClose()
    // The dialog gives the focus back first; the text may then take it.
    setTimeout(() => onOpen(file, match), 0)
  }
  const { chosen, onKeyDown } = useChosen(lines, choose)
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content
          className="dialog find"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            field.current?.select()
          }}
        >
          <Dialog.Title className="sr-only">Find in all files</Dialog.Title>
          <div className="palette-input">
            <Icon of={TextSearch} className="faint" />
            <input
              ref={field}
              type="text"
              role="combobox"
              value={terms.query}
              maxLength={1000}
              spellCheck={false}
              autoComplete="off"
              autoCapitalize="off"
              placeholder="Find in all files"
              aria-label="Find in all files"
              aria-autocomplete="list"
              aria-expanded={lines.length > 0}
              aria-controls={listId}
              aria-activedescendant={chosen?.id}
              aria-invalid={error ? true : undefined}
              aria-describedby={error ? faultId : undefined}
              onChange={(event) => find.change({ query: event.target.value })}
              onKeyDown={onKeyDown}
            />
          </div>
          <FindOptions terms={terms} onChange={find.change} showsPaths={showsPaths} onShowPaths={setShowsPaths} />
          {lines.length > 0 ? (
            <FindResults id={listId} files={files} lines={lines} chosen={chosen} onChoose={choose} />
          ) : (
            <FindNothing find={find} listId={listId} faultId={faultId} />
          )}
          <FindFoot find={find} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function FindOptions(props: {
  terms: FindTerms
  onChange: (terms: Partial<FindTerms>) => void
  showsPaths: boolean
  onShowPaths: (shows: boolean) => void
}) {
  const { terms, onChange, showsPaths, onShowPaths } = props
  const pathsId = useId()
  return (
    <div className="find-options">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms; these are switches beside a field */}
      <div className="row" role="group" aria-label="How to compare">
        {toggles.map(({ term, label, icon }) => (
          <button
            key={term}
            type="button"
            className="btn btn-quiet btn-sm"
            aria-pressed={terms[term]}
            onClick={() => onChange({ [term]: !terms[term] })}
          >
            <Icon of={icon} /> {label}
          </button>
        ))}
        <button
          type="button"
          className="btn btn-quiet btn-sm"
          aria-expanded={showsPaths}
          aria-controls={pathsId}
          onClick={() => onShowPaths(!showsPaths)}
        >
          <Icon of={SlidersHorizontal} /> Files
        </button>
      </div>
      <div className="find-paths" id={pathsId} hidden={!showsPaths}>
        <PathsInput
          label="Only in"
          example="*.md, notes/"
          value={terms.include}
          onChange={(include) => onChange({ include })}
        />
        <PathsInput
          label="Not in"
          example="data/, *.csv"
          value={terms.exclude}
          onChange={(exclude) => onChange({ exclude })}
        />
      </div>
    </div>
  )
}

function PathsInput(props: { label: string; example: string; value: string; onChange: (value: string) => void }) {
  return (
    <label className="find-path">
      <span className="faint xs">{props.label}</span>
      <input
        className="input"
        value={props.value}
        maxLength={1000}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        placeholder={props.example}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </label>
  )
}
