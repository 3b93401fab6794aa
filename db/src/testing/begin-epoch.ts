/**
 * Gives a document of a data folder whose product is down a new history that begins with a text, as a restore from an old backup does, as a
 * program: `begin-epoch.ts <data folder> <document id> <text>`.
 */
import pg from 'pg'
import { startEmbedded } from '../embedded/server.ts'
import { prepareEmbedded } from '../roles.ts'

const [home, document, text] = process.argv.slice(2)
if (!home || !document || text === undefined) throw new Error('Use: begin-epoch.ts <data folder> <document id> <text>')

const server = await startEmbedded(home)
await prepareEmbedded(server)
const client = new pg.Client({ connectionString: server.superuserAddress.replace(/\/[^/]*$/, '/skein') })
await client.connect()
await client.query('begin')
await client.query(`update document_client set retired = true where document_id = $1 and actor = 'skein'`, [document])
await client.query('update document set epoch = epoch + 1, head = head + 1 where id = $1', [document])
await client.query(
  `update document_state s set state = null, text = $2, upto_seq = d.head, text_seq = d.head
   from document d where d.id = s.document_id and d.id = $1`,
  [document, text],
)
await client.query('commit')
await client.end()
await server.stop()
