// What the rows of the tree and their menu can ask for; the side carries it out.

import type { TreeItem } from './tree-model.ts'

export type TreeCommands = {
  open: (item: TreeItem, andFocus: boolean) => void
  rename: (item: TreeItem, name: string) => void
  move: (items: readonly TreeItem[], folder: string) => void
  askWhereTo: (items: readonly TreeItem[]) => void
  trash: (items: readonly TreeItem[]) => void
  newFile: (folder: string) => void
  newFolder: (folder: string) => void
  uploadTo: (folder: string) => void
  dropFiles: (transfer: DataTransfer, folder: string) => void
  download: (item: TreeItem) => void
}
