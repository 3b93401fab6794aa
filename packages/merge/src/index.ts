/** Diff and merge over plain strings. */
export * from './hunks.ts'
