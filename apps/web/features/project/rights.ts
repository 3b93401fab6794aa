// What one may do now, by role and by connection. The server decides; this only keeps the page from offering what would be
// refused.

import type { Project } from '@skein/protocol'
import { isAtLeast } from '../../lib/roles.ts'
import type { SavedState } from '../facts/saved-machine.ts'

export type Rights = {
  isAway: boolean
  isEditor: boolean
  isAccessLost: boolean
  /** Changes of the tree wait for the connection. */
  canChangeTree: boolean
  whyTreeIsFixed: string | null
}

export function rightsOf(project: Project, saved: SavedState, isAccessLost: boolean): Rights {
  const isAway = saved.kind === 'offline' || saved.kind === 'reconnecting' || saved.kind === 'not-saved'
  const isEditor = isAtLeast(project.role, 'editor') && !isAccessLost
  return {
    isAway,
    isEditor,
    isAccessLost,
    canChangeTree: isEditor && !isAway,
    whyTreeIsFixed: isAway
      ? 'Files wait for the network'
      : isEditor
        ? null
        : 'You can read this project, not change it',
  }
}
