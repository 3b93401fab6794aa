/** Carries a plan out on trees in memory, as the server does on files and live documents. */
import { type OurFile, pairFiles, type TheirChange } from '../pair-files.ts'
import { type PlannedFile, planTree } from '../place-files.ts'
import type { FileConflictCase, FileSides } from '../tree-plan.ts'
import { type MergeOracle, oidOf, type TestFile, type TestTree, toEntry } from './merge-oracle.ts'

export interface AppliedPlan {
  /** Mode, kind and oid by path, as `git ls-tree` writes them. */
  tree: Map<string, string>
  conflicts: FileConflictCase[]
  /** Lines in conflict, of all files. */
  lines: number
  planned: PlannedFile<FileSides>[]
}

/** A live tree: `basePath` is the file's identity. */
export type OurTree = ReadonlyMap<string, TestFile & { basePath: string | null }>

export function applyPlan(
  trees: { base: TestTree; ours: OurTree; theirs: TestTree },
  changes: readonly TheirChange[],
  oracle: MergeOracle,
): AppliedPlan {
  const base = new Map([...trees.base].map(([path, file]) => [path, toEntry(path, file)]))
  const ours: OurFile[] = [...trees.ours].map(([path, file]) => ({
    basePath: file.basePath,
    entry: toEntry(path, file),
  }))
  const planned = planTree(pairFiles(base, ours, changes), 'ask')
  const contents = new Map<string, string>()
  for (const tree of Object.values(trees)) for (const file of tree.values()) contents.set(oidOf(file), file.content)
  const contentOf = (oid: string | null) => (oid === null ? '' : (contents.get(oid) ?? ''))

  const applied: AppliedPlan = { tree: new Map(), conflicts: [], lines: 0, planned }
  const put = (path: string, file: TestFile): void => {
    if (applied.tree.has(path)) throw new Error(`two files at ${path}`)
    applied.tree.set(path, `${file.mode.toString(8)} ${file.mode === 0o160000 ? 'commit' : 'blob'} ${oidOf(file)}`)
  }
  for (const { file, plan } of planned) {
    applied.conflicts.push(...plan.conflicts.map(({ what }) => what))
    const { action } = plan
    const { ours: our } = file
    const ourContent = our ? contentOf(our.oid) : ''
    switch (action.do) {
      case 'keep':
        if (our) put(our.path, { mode: our.mode, content: ourContent })
        break
      case 'take':
        put(action.path, { mode: action.mode, content: action.content ? contentOf(action.content.oid) : ourContent })
        break
      case 'merge-text': {
        const merged = oracle.mergeText(contentOf(action.base), ourContent, contentOf(action.theirs))
        applied.lines += merged.conflicts
        put(action.path, { mode: action.mode, content: merged.text })
        break
      }
      case 'add':
        put(action.path, { mode: action.mode, content: contentOf(action.oid) })
        break
      case 'delete':
        break
    }
  }
  return applied
}
