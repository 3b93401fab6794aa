'use client'
// The commands of an open project, with what each does. Palette, keys, menus and help read this list.

import { type LiveEditor, openSearch } from '@skein/editor'
import type { File, Project } from '@skein/protocol'
import {
  Copy,
  Download,
  FilePlus,
  FileSearch,
  FolderInput,
  FolderPlus,
  GitCommitHorizontal,
  Keyboard,
  LayoutList,
  Monitor,
  Moon,
  PanelsTopLeft,
  Pencil,
  Redo2,
  RotateCcw,
  ScanSearch,
  Search,
  Settings,
  Sun,
  TextSearch,
  Trash2,
  Undo2,
  Upload,
  Users,
  X,
} from 'lucide-react'
import { useRouter } from 'next/navigation'
import type { RefObject } from 'react'
import { membersPath, projectSettingsPath, workspacePath } from '../../lib/paths.ts'
import { chooseTheme } from '../../lib/theme.ts'
import { download } from '../files/download.ts'
import type { FileActions } from '../files/file-actions.ts'
import type { FilesHandle } from '../files/files-side.tsx'
import { fileItemId, pathToName, type TreeItem } from '../files/tree-model.ts'
import type { Command } from '../palette/commands.ts'
import type { LiveDocument } from './live-document.ts'
import type { Overlay } from './overlay.ts'
import { moveToRegion } from './regions.ts'

type CommandContext = {
  project: Project
  reference: string
  editor: LiveEditor | null
  document: LiveDocument | undefined
  file: File | null
  isDeleted: boolean
  canChange: boolean
  canCommit: boolean
  side: RefObject<FilesHandle | null>
  actions: FileActions
  showOverlay: (overlay: Overlay) => void
  closeTab: (id: string) => void
  openDrawer: () => void
  isNarrow: boolean
}

const fileToItem = (file: File): TreeItem => ({
  kind: 'file',
  id: fileItemId(file.id),
  path: file.path,
  name: pathToName(file.path),
  file,
})

/** The tree of a narrow screen has to be drawn before it can take the focus. */
function inTree({ isNarrow, openDrawer, side }: CommandContext, act: (side: FilesHandle) => void): void {
  if (isNarrow) openDrawer()
  setTimeout(() => side.current && act(side.current), isNarrow ? 250 : 0)
}

function newFileCommands(context: CommandContext): Command[] {
  const { canChange } = context
  return [
    {
      id: 'new-file',
      label: 'Make a new file',
      also: 'create add',
      icon: FilePlus,
      isEnabled: canChange,
      run: () => inTree(context, (side) => side.newFile()),
    },
    {
      id: 'new-folder',
      label: 'Make a new folder',
      also: 'create add directory',
      icon: FolderPlus,
      isEnabled: canChange,
      run: () => inTree(context, (side) => side.newFolder()),
    },
    {
      id: 'upload',
      label: 'Upload files',
      also: 'import add',
      icon: Upload,
      isEnabled: canChange,
      run: () => inTree(context, (side) => side.upload()),
    },
  ]
}

function fileCommands(context: CommandContext): Command[] {
  const { project, file, isDeleted, canChange, actions, closeTab } = context
  const canChangeFile = canChange && file !== null && !isDeleted
  const onFile = (act: (file: File) => void) => () => {
    if (file) act(file)
  }
  return [
    {
      id: 'rename',
      label: 'Rename this file',
      icon: Pencil,
      shortcut: 'rename',
      isKeyElsewhere: true,
      isEnabled: canChangeFile,
      run: onFile(({ id }) => inTree(context, (side) => side.rename(id))),
    },
    {
      id: 'move',
      label: 'Move this file to…',
      also: 'folder',
      icon: FolderInput,
      isEnabled: canChangeFile,
      run: onFile(({ id }) => context.side.current?.moveFile(id)),
    },
    {
      id: 'download',
      label: 'Download this file',
      also: 'save as',
      icon: Download,
      isEnabled: file !== null && !isDeleted && file.kind !== 'submodule',
      run: onFile((shown) => download(project.id, shown.path)),
    },
    {
      id: 'copy-path',
      label: 'Copy the path of this file',
      icon: Copy,
      isEnabled: file !== null,
      run: onFile(({ path }) => void navigator.clipboard?.writeText(path)),
    },
    {
      id: 'trash',
      label: 'Move this file to trash',
      also: 'delete remove',
      icon: Trash2,
      shortcut: 'trash',
      isKeyElsewhere: true,
      isEnabled: canChangeFile,
      run: onFile((shown) => void actions.trash([fileToItem(shown)])),
    },
    {
      id: 'restore',
      label: 'Restore this file from trash',
      also: 'undelete',
      icon: RotateCcw,
      isEnabled: canChange && file !== null && isDeleted,
      run: onFile(({ id }) => void actions.restore(id)),
    },
    {
      id: 'close-tab',
      label: 'Close this file',
      also: 'tab',
      icon: X,
      isEnabled: file !== null,
      run: onFile(({ id }) => closeTab(id)),
    },
  ]
}

function textCommands({ editor, document: live, canCommit }: CommandContext): Command[] {
  const hasText = editor !== null
  return [
    {
      id: 'find',
      label: 'Search in this file',
      also: 'find replace',
      icon: TextSearch,
      shortcut: 'find',
      isKeyElsewhere: true,
      isEnabled: hasText,
      run: () => editor && openSearch(editor.view),
    },
    {
      id: 'undo',
      label: 'Undo your last edit',
      icon: Undo2,
      shortcut: 'undo',
      isKeyElsewhere: true,
      isEnabled: hasText && canCommit,
      run: () => void live?.undo.undo(),
    },
    {
      id: 'redo',
      label: 'Redo',
      icon: Redo2,
      shortcut: 'redo',
      isKeyElsewhere: true,
      isEnabled: hasText && canCommit,
      run: () => void live?.undo.redo(),
    },
  ]
}

/** What is selected in the text, when it could be looked for: a piece of one line. */
function selectedText(editor: LiveEditor | null): { query?: string } {
  if (!editor) return {}
  const { state } = editor.view
  const { from, to } = state.selection.main
  const isPiece = to > from && to - from <= 200 && state.doc.lineAt(from).to >= to
  return isPiece ? { query: state.sliceDoc(from, to) } : {}
}

function pageCommands({ showOverlay, canCommit, editor }: CommandContext): Command[] {
  return [
    {
      id: 'palette',
      label: 'Go to file or command',
      icon: Search,
      shortcut: 'palette',
      isEnabled: true,
      run: () => showOverlay({ kind: 'palette', start: '' }),
    },
    {
      id: 'quick-open',
      label: 'Go to file',
      icon: FileSearch,
      shortcut: 'quick-open',
      isEnabled: true,
      run: () => showOverlay({ kind: 'palette', start: '' }),
    },
    {
      id: 'find-in-project',
      label: 'Find in all files',
      also: 'search text project grep',
      icon: ScanSearch,
      shortcut: 'find-in-project',
      isEnabled: true,
      run: () => showOverlay({ kind: 'find', ...selectedText(editor) }),
    },
    {
      id: 'facts',
      label: canCommit ? 'Commit now' : 'Show what is committed and pushed',
      also: 'snapshot save push saved committed github',
      icon: GitCommitHorizontal,
      shortcut: 'facts',
      isEnabled: true,
      run: () => showOverlay({ kind: 'facts' }),
    },
    {
      id: 'shortcuts',
      label: 'Show all shortcuts',
      also: 'keys help keyboard',
      icon: Keyboard,
      shortcut: 'shortcuts',
      isEnabled: true,
      run: () => showOverlay({ kind: 'help' }),
    },
    {
      id: 'next-region',
      label: 'Move to the next region',
      icon: PanelsTopLeft,
      shortcut: 'next-region',
      isEnabled: true,
      run: () => moveToRegion(1),
    },
    {
      id: 'previous-region',
      label: 'Move to the previous region',
      icon: PanelsTopLeft,
      shortcut: 'previous-region',
      isEnabled: true,
      run: () => moveToRegion(-1),
    },
  ]
}

const appearanceCommands: readonly Command[] = [
  {
    id: 'theme-light',
    label: 'Use the light appearance',
    also: 'theme',
    icon: Sun,
    isEnabled: true,
    run: () => chooseTheme('light'),
  },
  {
    id: 'theme-dark',
    label: 'Use the dark appearance',
    also: 'theme',
    icon: Moon,
    isEnabled: true,
    run: () => chooseTheme('dark'),
  },
  {
    id: 'theme-system',
    label: 'Use the appearance of the system',
    also: 'theme',
    icon: Monitor,
    isEnabled: true,
    run: () => chooseTheme('system'),
  },
]

function placeCommands({ project, reference }: CommandContext, go: (path: string) => () => void): Command[] {
  return [
    {
      id: 'settings',
      label: 'Open the settings of this project',
      also: 'github name',
      icon: Settings,
      isEnabled: true,
      run: go(projectSettingsPath(reference)),
    },
    {
      id: 'members',
      label: 'Show the members of the workspace',
      also: 'people invite share',
      icon: Users,
      isEnabled: true,
      run: go(membersPath(project.workspace.slug)),
    },
    {
      id: 'projects',
      label: 'Show all projects',
      icon: LayoutList,
      isEnabled: true,
      run: go(workspacePath(project.workspace.slug)),
    },
  ]
}

/** All commands, in the order of the palette; `isEnabled` says which of them can run now. */
export function useCommands(context: CommandContext): Command[] {
  const router = useRouter()
  return [
    ...pageCommands(context),
    ...newFileCommands(context),
    ...fileCommands(context),
    ...textCommands(context),
    ...appearanceCommands,
    ...placeCommands(context, (path) => () => router.push(path)),
  ]
}
