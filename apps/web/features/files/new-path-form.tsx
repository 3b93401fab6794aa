'use client'
// Where the path of a new file or folder is typed: at the head of the tree, one field. What is wrong with it is said below it
// and the field stays, so that one letter can be mended.

import { CircleAlert } from 'lucide-react'
import { useId, useState } from 'react'
import { Icon } from '../../components/icon.tsx'
import { toApiError } from '../../lib/api/error.ts'

export function NewPathForm({
  kind,
  start,
  onFile,
  onFolder,
  onClose,
}: {
  kind: 'file' | 'folder'
  /** What stands in the field at first: the folder, with its slash. */
  start: string
  /** Rejects with ApiError when the server refuses the path. */
  onFile: (path: string) => Promise<void>
  onFolder: (path: string) => void
  onClose: () => void
}) {
  const [path, setPath] = useState(start)
  const [fault, setFault] = useState<string | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const id = useId()
  const label = kind === 'file' ? 'Path of the new file' : 'Path of the new folder'

  const submit = async (): Promise<void> => {
    const wanted = path.trim().replace(/\/+$/, '')
    if (wanted === '' || isBusy) return
    if (kind === 'folder') return onFolder(wanted)
    setIsBusy(true)
    try {
      await onFile(wanted)
    } catch (error) {
      const { message, hint } = toApiError(error)
      setFault(hint ? `${message} ${hint}` : message)
      setIsBusy(false)
    }
  }

  return (
    <form
      className="new-path"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <input
        className="input"
        // biome-ignore lint/a11y/noAutofocus: the field answers the press of “New file”
        autoFocus
        aria-label={label}
        aria-invalid={fault !== null || undefined}
        aria-describedby={fault === null ? undefined : id}
        placeholder={kind === 'file' ? 'notes/estuary.md' : 'notes'}
        value={path}
        onChange={(event) => {
          setPath(event.target.value)
          setFault(null)
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.stopPropagation()
          onClose()
        }}
        onBlur={() => {
          if (path === start && !isBusy) onClose()
        }}
      />
      {fault && (
        <p className="fault tree-fault" id={id} role="alert">
          <Icon of={CircleAlert} size="sm" />
          <span>{fault}</span>
        </p>
      )}
    </form>
  )
}
