/** The face of the database package: opening one, transactions, and one module of queries per aggregate. */

export { type Database, openDatabase } from './database.ts'
export { type EmbeddedServer, startEmbedded } from './embedded/server.ts'
export { migrate } from './migrate.ts'
export { StartRefused } from './refusal.ts'
export { prepareEmbedded, prepareOutside } from './roles.ts'
export type { Sql, TransactionOptions, Tx } from './transaction.ts'
