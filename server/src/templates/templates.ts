/** What projects may begin with: folders of text files beside this one. */

import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

export interface TemplateFile {
  /** With `/`, relative to the project. */
  readonly path: string
  readonly text: string
}

/** Reads the files of a template, in the order of their paths. */
export async function readTemplate(name: 'demo'): Promise<TemplateFile[]> {
  const folder = path.join(import.meta.dirname, name)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  return Promise.all(
    paths.sort().map(async (file) => ({
      path: path.relative(folder, file).replaceAll(path.sep, '/'),
      text: await readFile(file, 'utf8'),
    })),
  )
}
