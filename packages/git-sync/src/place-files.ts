/**
 * Whether all files of a plan find their places: no two at one path, none inside another, no twins. What comes in gives way, to a free name beside;
 * nothing of ours is moved or overwritten for it.
 */
import type { OverlapPolicy } from '@skein/protocol'
import type { FilePlan, FileSides } from './tree-plan.ts'

/** `F` is whatever the caller knows a file by. */
export interface PlannedFile<F extends FileSides> {
  file: F
  plan: FilePlan
}

/**
 * Plans all files of a merge. The paths are those after all actions: they are to be applied as a set, as files may exchange their names. Every file
 * that is here must be among `files`, changed or not, or places are thought free that are not.
 */
export type PlanTree = <F extends FileSides>(files: readonly F[], policy: OverlapPolicy) => PlannedFile<F>[]
