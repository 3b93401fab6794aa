/** One file as a Y.Doc: text rules, names and revisions, the guard, update frames, seeding, edits. */
export * from './text.ts'
