/** One file as a Y.Doc: text rules, names and revisions, the guard, update frames, seeding, edits. */
export * from './code-points.ts'
export * from './epoch.ts'
export * from './guard.ts'
export * from './history-segment.ts'
export * from './revision.ts'
export * from './text.ts'
export * from './text-edit.ts'
export * from './update-frames.ts'
