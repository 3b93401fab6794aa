// What lies over the workbench for a moment, at most one.

export type Overlay =
  | { kind: 'palette'; start: string }
  /** With what to look for; without, what was looked for last. */
  | { kind: 'find'; query?: string }
  | { kind: 'help' }
  | { kind: 'facts' }
  | null
