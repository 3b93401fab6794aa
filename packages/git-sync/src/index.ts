/** Two-way sync with a remote, without I/O: what becomes of each path, what to do next, and what people read. */
export * from './change.ts'
export * from './decide.ts'
export * from './pair-files.ts'
export * from './place-files.ts'
export * from './sync-facts.ts'
export * from './tree-plan.ts'
