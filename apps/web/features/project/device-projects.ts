// Which projects this device can show without the server: what the project is and which files it has, as of the last time it
// was open here. The texts are kept by the documents themselves. Kept for one user, like everything on the device.

import type { FileList, Project } from '@skein/protocol'
import { answerOf, completion, DeviceDatabase } from './device-database.ts'

/** A project as it was last seen. */
export type KeptProject = { id: string; project: Project; files: FileList; openedAt: number }

/** Beyond these the one that was not opened for longest is forgotten; its unsent edits are not. */
const KEPT_MAX = 50

async function inProjects<Result>(
  userId: string,
  mode: IDBTransactionMode,
  work: (projects: IDBObjectStore) => Promise<Result>,
): Promise<Result> {
  const database = await DeviceDatabase.open(userId)
  try {
    const transaction = database.begin(['projects'], mode)
    const completed = completion(transaction)
    const result = await work(transaction.objectStore('projects'))
    await completed
    return result
  } finally {
    database.close()
  }
}

/** Keeps a project as it is now. Rejects with StoreError. */
export async function keepProject(userId: string, project: Project, files: FileList): Promise<void> {
  await inProjects(userId, 'readwrite', async (projects) => {
    const kept: KeptProject = { id: project.id, project, files, openedAt: Date.now() }
    projects.put(kept)
    // Lists of files may be long: they are not read at every change.
    if ((await answerOf(projects.count())) <= KEPT_MAX) return
    const all = (await answerOf(projects.getAll())) as KeptProject[]
    const oldest = all.sort((a, b) => b.openedAt - a.openedAt).slice(KEPT_MAX)
    for (const { id } of oldest) projects.delete(id)
  })
}

/** The projects that were open here, the last one first; none where there is no storage. */
export async function listKeptProjects(userId: string): Promise<KeptProject[]> {
  try {
    const all = await inProjects(userId, 'readonly', (projects) => answerOf(projects.getAll()))
    return (all as KeptProject[]).sort((a, b) => b.openedAt - a.openedAt)
  } catch {
    return []
  }
}

/** The project that an address names, by id or as `workspace/project`. */
export function findKeptProject(kept: readonly KeptProject[], reference: string): KeptProject | undefined {
  return kept.find(
    ({ project }) => reference === project.id || reference === `${project.workspace.slug}/${project.slug}`,
  )
}

/** Forgets a project that its user may not see any more; unsent edits stay. */
export async function forgetProject(userId: string, projectId: string): Promise<void> {
  await inProjects(userId, 'readwrite', async (projects) => void projects.delete(projectId)).catch(() => undefined)
}

/** Forgets all projects, at signing out. */
export async function forgetProjects(userId: string): Promise<void> {
  await inProjects(userId, 'readwrite', async (projects) => void projects.clear()).catch(() => undefined)
}
