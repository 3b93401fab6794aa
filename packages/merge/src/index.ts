/** Diff and merge over plain strings. */

export * from './few.ts'
export * from './hunks.ts'
