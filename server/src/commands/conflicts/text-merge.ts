/**
 * Port: the three-way merge of texts. The outcome, clean or conflict, is that of `git merge-file`: what both changed alike is no conflict, and what
 * one changed beside a line that the other changed is one. Offsets are UTF-16 units.
 */

export interface TextConflict {
  /** The range of `ours` that is in conflict; the merged text holds it as it is. Whole lines; empty where ours deleted them. */
  from: number
  to: number
  /** Where it begins in the merged text. */
  at: number
  base: string
  ours: string
  theirs: string
}

export interface MergedText {
  /** Everything from theirs that is in nobody's way, in ours. */
  text: string
  conflicts: readonly TextConflict[]
}

export interface TextMerge {
  merge(base: string, ours: string, theirs: string): Promise<MergedText>
}
