'use client'
// What a search says besides its matches: what can be looked for, that nothing was found, what went wrong, and how far it has come.

import { WifiOff } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Knot } from '../../components/knot.tsx'
import { Notice } from '../../components/notice.tsx'
import { countInWords } from './find-terms.ts'
import type { Find } from './use-find.ts'

const numbered = (count: number, one: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : `${one}s`}`

/** In place of the results, while there are none. */
export function FindNothing({ find, listId, faultId }: { find: Find; listId: string; faultId: string }) {
  const { phase, terms, error, filesSearched } = find
  const isNarrowed = terms.include !== '' || terms.exclude !== ''
  // What was refused as it is will be refused again.
  const isForNow = error !== null && (error.status === 0 || error.status >= 500)
  // Being offline is a condition, no fault.
  const isAway = error?.code === 'no-answer'
  const isStrict = terms.caseSensitive || terms.wholeWord || terms.regex
  return (
    <div className="find-nothing" id={listId}>
      {error && (
        <div id={faultId}>
          <Notice
            {...(isAway ? { icon: WifiOff } : { kind: 'bad' })}
            title={isAway ? 'The server, which looks into the files, does not answer.' : error.message}
            action={isForNow && <Button onClick={find.searchAgain}>Search again</Button>}
          >
            {isAway ? 'Search again when the network is back.' : error.hint}
          </Notice>
        </div>
      )}
      {phase === 'waiting' && (
        <p className="quiet">Looks into the texts as they are at this moment, with what everybody has just typed.</p>
      )}
      {phase === 'done' && (
        <div className="empty">
          <b className="strong">
            {filesSearched === 0
              ? 'No text file has such a path'
              : `“${terms.query}” is not in ${filesSearched === 1 ? 'the one text file' : `any of ${numbered(filesSearched, 'text file')}`}`}
          </b>
          {(isNarrowed || isStrict) && (
            <p>
              {isNarrowed && 'Only some files were looked at. '}
              {isStrict && 'It was compared strictly: see the switches above.'}
            </p>
          )}
        </div>
      )}
    </div>
  )
}

/** How far the search is, and what can be done next. */
export function FindFoot({ find }: { find: Find }) {
  const { phase, files, filesSearched } = find
  return (
    <footer className="palette-foot find-foot">
      <span role="status" className="row">
        {phase === 'searching' && <Knot kind="busy" />}
        {phase === 'searching' && files.length === 0 && 'Searching…'}
        {files.length > 0 && phase !== 'failed' && countInWords(files)}
        {phase === 'searching' && files.length > 0 && `, ${numbered(filesSearched, 'file')} searched so far`}
        {phase === 'paused' && `, and there may be more`}
      </span>
      {phase === 'paused' && (
        <Button size="sm" onClick={find.searchMore}>
          Find more
        </Button>
      )}
      <span className="grow" />
      <span className="only-wide">↑↓ choose</span>
      <span className="only-wide">↵ open</span>
    </footer>
  )
}
