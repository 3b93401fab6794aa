/** What changes of rights announce to every node, for tests that make such changes through the API. */
import { accessQueries, type Database } from '@skein/db'

/** Fills the list from now on. */
export async function hearAnnounced(db: Database): Promise<unknown[]> {
  const announced: unknown[] = []
  await db.listen(accessQueries.accessChannel, (payload) => announced.push(JSON.parse(payload ?? 'null')))
  return announced
}
