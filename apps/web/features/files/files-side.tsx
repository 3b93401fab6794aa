'use client'

// The side of an open project: the tree with what makes and brings files. A refusal of the server stands right above the
// tree, beside what was refused; the tree itself is put back.

import type { File } from '@skein/protocol'
import { CircleAlert, Ellipsis, FolderPlus, Plus, Upload } from 'lucide-react'
import { memo, type Ref, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { Menu, MenuItem } from '../../components/menu.tsx'
import type { PersonHere } from '../presence/people.ts'
import { download } from './download.ts'
import type { FileActions, FileFault } from './file-actions.ts'
import { FileTree } from './file-tree.tsx'
import { MoveDialog } from './move-dialog.tsx'
import { NewPathForm } from './new-path-form.tsx'
import type { TreeCommands } from './tree-commands.ts'
import type { TreeHandle } from './tree-handle.ts'
import { buildTree, pathToFolder, type TreeItem } from './tree-model.ts'

/** What the page asks of the side. */
export type FilesHandle = TreeHandle & {
  newFile: () => void
  newFolder: () => void
  upload: () => void
  moveFile: (id: string) => void
}

type FilesSideProps = {
  projectId: string
  files: readonly File[]
  currentFile: File | null
  peopleByFile: ReadonlyMap<string, readonly PersonHere[]>
  canChange: boolean
  /** Why the tree cannot be changed now, for the title of what is off. */
  whyNot: string | null
  isNarrow: boolean
  actions: FileActions
  fault: FileFault | null
  onFault: (fault: FileFault | null) => void
  onOpen: (file: File, andFocus: boolean) => void
  handle: Ref<FilesHandle>
}

/** Drawn anew only when something of its own changes: typing beside ten thousand files must not touch them. */
export const FilesSide = memo(function FilesSide(props: FilesSideProps) {
  const { projectId, files, currentFile, peopleByFile, canChange, whyNot, isNarrow, actions, fault, onFault } = props
  const [emptyFolders, setEmptyFolders] = useState<readonly string[]>([])
  const [form, setForm] = useState<{ kind: 'file' | 'folder'; start: string } | null>(null)
  const [moving, setMoving] = useState<readonly TreeItem[] | null>(null)
  const uploadFolder = useRef('')
  const picker = useRef<HTMLInputElement>(null)
  const tree = useRef<TreeHandle>(null)
  const model = useMemo(() => buildTree(files, emptyFolders), [files, emptyFolders])
  const here = currentFile ? pathToFolder(currentFile.path) : ''

  const currentId = currentFile?.id ?? null
  // The current file is always in sight in the tree, also when it was opened from elsewhere.
  useEffect(() => {
    if (currentId !== null) tree.current?.reveal(currentId)
  }, [currentId])

  const startForm = (kind: 'file' | 'folder', folder: string): void => {
    onFault(null)
    setForm({ kind, start: folder === '' ? '' : `${folder}/` })
  }
  const pick = (folder: string): void => {
    uploadFolder.current = folder
    picker.current?.click()
  }
  const commands: TreeCommands = {
    open: (item, andFocus) => item.kind === 'file' && props.onOpen(item.file, andFocus),
    rename: (item, name) => void actions.rename(item, name),
    move: (items, folder) => void actions.move(items, folder),
    askWhereTo: setMoving,
    trash: (items) => {
      setEmptyFolders((known) => known.filter((path) => !items.some((item) => item.path === path)))
      void actions.trash(items)
    },
    newFile: (folder) => startForm('file', folder),
    newFolder: (folder) => startForm('folder', folder),
    uploadTo: pick,
    dropFiles: (transfer, folder) => void actions.upload([...transfer.files], folder),
    download: (item) => download(projectId, item.path),
  }

  useImperativeHandle(props.handle, () => ({
    reveal: (fileId) => tree.current?.reveal(fileId),
    focus: () => tree.current?.focus(),
    rename: (fileId) => tree.current?.rename(fileId),
    newFile: () => startForm('file', here),
    newFolder: () => startForm('folder', here),
    upload: () => pick(here),
    moveFile: (id) => {
      const item = [...model.items.values()].find((known) => known.kind === 'file' && known.file.id === id)
      if (item) setMoving([item])
    },
  }))

  return (
    <>
      <FilesHead
        canChange={canChange}
        whyNot={whyNot}
        onNewFile={() => startForm('file', here)}
        onNewFolder={() => startForm('folder', here)}
        onUpload={() => pick(here)}
      />
      {form && (
        <NewPathForm
          kind={form.kind}
          start={form.start}
          onClose={() => setForm(null)}
          onFolder={(path) => {
            setEmptyFolders((known) => [...known, path])
            setForm(null)
            requestAnimationFrame(() => startForm('file', path))
          }}
          onFile={async (path) => {
            const file = await actions.create(path)
            setForm(null)
            props.onOpen(file, true)
          }}
        />
      )}
      {fault && <TreeFault fault={fault} />}
      {files.length === 0 && emptyFolders.length === 0 && !form && (
        <p className="tree-empty quiet">No files yet. Make one, or drop some here.</p>
      )}
      <FileTree
        model={model}
        projectId={projectId}
        currentFileId={currentFile?.id ?? null}
        peopleByFile={peopleByFile}
        canChange={canChange}
        isNarrow={isNarrow}
        commands={commands}
        handle={tree}
      />
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={(event) => {
          const picked = [...(event.target.files ?? [])]
          event.target.value = ''
          void actions.upload(picked, uploadFolder.current)
        }}
      />
      {moving && (
        <MoveDialog
          items={moving}
          model={model}
          onMove={(folder) => void actions.move(moving, folder)}
          onClose={() => setMoving(null)}
        />
      )}
    </>
  )
})

function FilesHead({
  canChange,
  whyNot,
  onNewFile,
  onNewFolder,
  onUpload,
}: {
  canChange: boolean
  whyNot: string | null
  onNewFile: () => void
  onNewFolder: () => void
  onUpload: () => void
}) {
  return (
    <div className="section">
      <span className="grow">Files</span>
      <Button
        kind="quiet"
        size="sm"
        square
        aria-label="New file"
        title={whyNot ?? 'New file'}
        disabled={!canChange}
        onClick={onNewFile}
      >
        <Icon of={Plus} />
      </Button>
      <Menu
        trigger={
          <button type="button" className="btn btn-quiet btn-sm btn-icon" aria-label="More for files">
            <Icon of={Ellipsis} />
          </button>
        }
      >
        <MenuItem icon={FolderPlus} disabled={!canChange} onSelect={onNewFolder}>
          New folder
        </MenuItem>
        <MenuItem icon={Upload} disabled={!canChange} onSelect={onUpload}>
          Upload files
        </MenuItem>
      </Menu>
    </div>
  )
}

function TreeFault({ fault: { message, hint } }: { fault: FileFault }) {
  return (
    <p className="fault tree-fault" role="alert">
      <Icon of={CircleAlert} size="sm" />
      <span>
        {message} {hint}
      </span>
    </p>
  )
}
