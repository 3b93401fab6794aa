/**
 * Stock Hocuspocus: `hocuspocus.mjs <options>`. It acknowledges from memory; with a `database` its own extension stores the whole state of
 * a document some seconds after the last edit. New documents begin with the update in the file `state`, if one is named.
 */
import { readFileSync } from 'node:fs'
import { Database } from '@hocuspocus/extension-database'
import { Server } from '@hocuspocus/server'
import pg from 'pg'
import { applyUpdate } from 'yjs'

const { database, state } = JSON.parse(process.argv[2])
const beginning = state && readFileSync(state)

const seed = {
  onLoadDocument: async ({ document }) => {
    if (beginning && document.isEmpty('text')) applyUpdate(document, beginning)
  },
}

const storage = async () => {
  const pool = new pg.Pool({ connectionString: database })
  await pool.query(
    'create table if not exists hocuspocus (name text primary key, state bytea not null, stores int not null default 1)',
  )
  const store = `insert into hocuspocus (name, state) values ($1, $2)
                 on conflict (name) do update set state = excluded.state, stores = hocuspocus.stores + 1`
  return new Database({
    fetch: async ({ documentName }) => {
      const { rows } = await pool.query('select state from hocuspocus where name = $1', [documentName])
      return rows[0]?.state ?? null
    },
    store: async ({ documentName, state: now }) => {
      await pool.query(store, [documentName, now])
    },
  })
}

const server = new Server({
  port: 0,
  address: '127.0.0.1',
  quiet: true,
  extensions: database ? [await storage(), seed] : [seed],
})
await server.listen()
process.send({ port: server.address.port })
