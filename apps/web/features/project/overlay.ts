// What lies over the workbench for a moment, at most one.

export type Overlay = { kind: 'palette'; start: string } | { kind: 'help' } | { kind: 'facts' } | null
