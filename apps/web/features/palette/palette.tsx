'use client'
// Go to a file, a person or a command by typing. With nothing typed: the files looked at last. cmdk keeps keys and roles; what
// is found, and that it is never more than fifty, is decided here.

import type { File } from '@skein/protocol'
import { Command as Cmdk } from 'cmdk'
import { ScanSearch, Search } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useMemo, useRef, useState } from 'react'
import { Avatar, type PresenceColour } from '../../components/avatar.tsx'
import { Icon } from '../../components/icon.tsx'
import { formatKeys, isMac, shortcutKeys } from '../../lib/shortcuts.ts'
import { fileIcon } from '../files/file-kinds.ts'
import { pathToFolder, pathToName } from '../files/tree-model.ts'
import type { PersonHere } from '../presence/people.ts'
import { type Command, findCommands, type PaletteScope, readTyped } from './commands.ts'
import { type FoundFile, type Part, RESULTS_MAX, searchFiles } from './file-search.ts'

const recentShownMax = 8
const commandsShownMax = 8

type PaletteProps = {
  files: readonly File[]
  /** Ids of files looked at, the last one first. */
  recent: readonly string[]
  peopleByFile: ReadonlyMap<string, readonly PersonHere[]>
  people: readonly PersonHere[]
  commands: readonly Command[]
  /** What stands in the field at first. */
  start: string
  onOpen: (file: File) => void
  onFollow: (personId: string) => void
  /** Looks for it in the texts of all files. */
  onFind: (query: string) => void
  onClose: () => void
}

function Marked({ parts }: { parts: readonly Part[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text have no identity
  return parts.map(({ text, isMatch }, index) => (isMatch ? <mark key={index}>{text}</mark> : text))
}

const plain = (text: string): Part[] => (text === '' ? [] : [{ text, isMatch: false }])

/** The files to show, best first. */
function useFound(files: readonly File[], recent: readonly string[], query: string): FoundFile[] {
  const paths = useMemo(() => files.map(({ path }) => path), [files])
  const recency = useMemo(() => {
    const pathById = new Map(files.map(({ id, path }) => [id as string, path]))
    return new Map(
      recent.flatMap((id, place) => (pathById.has(id) ? [[pathById.get(id) as string, place] as const] : [])),
    )
  }, [files, recent])
  return useMemo(() => {
    if (query !== '') return searchFiles(paths, query, recency)
    const indexByPath = new Map(paths.map((path, index) => [path, index]))
    const lately = [...recency.keys()].slice(0, recentShownMax)
    const shown = lately.length > 0 ? lately : paths.slice(0, recentShownMax)
    return shown.map((path) => ({
      index: indexByPath.get(path) ?? 0,
      path,
      name: plain(pathToName(path)),
      folder: plain(pathToFolder(path)),
    }))
  }, [paths, recency, query])
}

export default function Palette(props: PaletteProps) {
  const { files, recent, peopleByFile, people, commands, onOpen, onFollow, onFind, onClose } = props
  const [typed, setTyped] = useState(props.start)
  const field = useRef<HTMLInputElement>(null)
  const { scope, query } = readTyped(typed)
  const allFound = useFound(files, recent, query)
  const found = scope === 'all' ? allFound : []
  const shownCommands =
    scope === 'people' || (scope === 'all' && query === '')
      ? []
      : findCommands(commands, query).slice(0, commandsShownMax)
  const shownPeople =
    scope === 'commands' || (scope === 'all' && query === '')
      ? []
      : people.filter(({ name }) => name.toLowerCase().includes(query.toLowerCase())).slice(0, RESULTS_MAX)
  const isEmpty = found.length + shownCommands.length + shownPeople.length === 0
  const choose = (action: () => void): void => {
    onClose()
    // The dialog gives the focus back first; what was chosen may then take it.
    setTimeout(action, 0)
  }

  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content
          className="dialog palette"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            field.current?.focus()
          }}
        >
          <Dialog.Title className="sr-only">Go to file or command</Dialog.Title>
          <Cmdk shouldFilter={false} loop label="Go to file or command">
            <div className="palette-input">
              <Icon of={Search} className="faint" />
              <Cmdk.Input
                ref={field}
                value={typed}
                onValueChange={(value) => (value.startsWith('#') ? onFind(value.slice(1)) : setTyped(value))}
                placeholder="Go to file or command"
                aria-label="Go to file or command"
              />
              <span className="chip only-wide">
                {scope === 'commands' ? 'Commands' : scope === 'people' ? 'People' : 'Files and commands'}
              </span>
            </div>
            <Cmdk.List className="options" label="What was found">
              {found.length > 0 && (
                <FoundFiles
                  heading={query === '' ? 'Recent' : 'Files'}
                  found={found}
                  files={files}
                  peopleByFile={peopleByFile}
                  onChoose={(file) => choose(() => onOpen(file))}
                />
              )}
              {shownPeople.length > 0 && (
                <FoundPeople people={shownPeople} onChoose={(id) => choose(() => onFollow(id))} />
              )}
              {shownCommands.length > 0 && <FoundCommands commands={shownCommands} onChoose={choose} />}
              {scope === 'all' && query !== '' && <FindInTexts query={query} onChoose={() => onFind(query)} />}
              {isEmpty && <NothingFound scope={scope} query={query} fileCount={files.length} />}
            </Cmdk.List>
          </Cmdk>
          <footer className="palette-foot only-wide">
            <span>↑↓ choose</span>
            <span>↵ open</span>
            <span className="grow" />
            <span>&gt; commands</span>
            <span># text</span>
            <span>@ people</span>
          </footer>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function FoundFiles({
  heading,
  found,
  files,
  peopleByFile,
  onChoose,
}: {
  heading: string
  found: readonly FoundFile[]
  files: readonly File[]
  peopleByFile: ReadonlyMap<string, readonly PersonHere[]>
  onChoose: (file: File) => void
}) {
  return (
    <Cmdk.Group heading={heading}>
      {found.map((hit) => {
        const file = files[hit.index]
        if (!file) return null
        return (
          <Cmdk.Item key={file.id} value={file.id} onSelect={() => onChoose(file)}>
            <Icon of={fileIcon(file)} />
            <span className="clip grow">
              <Marked parts={hit.name} />{' '}
              <span className="faint">
                <Marked parts={hit.folder} />
              </span>
            </span>
            <span className="avatars">
              {(peopleByFile.get(file.id) ?? []).map(({ id, name, colour }) => (
                <Avatar key={id} name={name} colour={colour as PresenceColour} small />
              ))}
            </span>
            <span className="kbd when-selected" aria-hidden="true">
              ↵
            </span>
          </Cmdk.Item>
        )
      })}
    </Cmdk.Group>
  )
}

function FoundPeople({ people, onChoose }: { people: readonly PersonHere[]; onChoose: (id: string) => void }) {
  return (
    <Cmdk.Group heading="People">
      {people.map(({ id, name, colour, isIdle }) => (
        <Cmdk.Item key={id} value={`person ${id}`} onSelect={() => onChoose(id)}>
          <Avatar name={name} colour={colour as PresenceColour} idle={isIdle} small decorative />
          <span className="clip grow">Follow {name}</span>
        </Cmdk.Item>
      ))}
    </Cmdk.Group>
  )
}

function FoundCommands({
  commands,
  onChoose,
}: {
  commands: readonly Command[]
  onChoose: (action: () => void) => void
}) {
  return (
    <Cmdk.Group heading="Commands">
      {commands.map(({ id, label, icon, shortcut, run }) => (
        <Cmdk.Item key={id} value={`command ${id}`} onSelect={() => onChoose(run)}>
          <Icon of={icon} />
          <span className="clip grow">{label}</span>
          {shortcut && <span className="kbd">{formatKeys(shortcutKeys(shortcut), isMac())}</span>}
        </Cmdk.Item>
      ))}
    </Cmdk.Group>
  )
}

function FindInTexts({ query, onChoose }: { query: string; onChoose: () => void }) {
  return (
    <Cmdk.Group heading="Text">
      <Cmdk.Item value="find in texts" onSelect={onChoose}>
        <Icon of={ScanSearch} />
        <span className="clip grow">Find “{query}” in all files</span>
        <span className="kbd">{formatKeys(shortcutKeys('find-in-project'), isMac())}</span>
      </Cmdk.Item>
    </Cmdk.Group>
  )
}

function NothingFound({ scope, query, fileCount }: { scope: PaletteScope; query: string; fileCount: number }) {
  const isPeople = scope === 'people'
  return (
    <div className="empty" role="status">
      <b className="strong">
        {isPeople ? `Nobody called “${query}” is here` : `“${query}” is in no name of the ${fileCount} files`}
      </b>
      <p>
        {isPeople
          ? 'Whoever opens the project appears here.'
          : 'Names and folders were searched, and the commands. A # at the start looks into the texts.'}
      </p>
    </div>
  )
}
