/** The templates of new projects: a folder of ordinary files each, read once at start. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export interface TemplateFile {
  path: string
  text: string
}

/** Files of every template by its name, in order of their paths. */
export type Templates = Readonly<Record<'demo', readonly TemplateFile[]>>

/** Reads the templates that lie beside this file. */
export const loadTemplates = (): Templates => ({ demo: readFolder('demo') })

function readFolder(name: string): TemplateFile[] {
  const folder = path.join(import.meta.dirname, name)
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      return { path: path.relative(folder, file).replaceAll(path.sep, '/'), text: readFileSync(file, 'utf8') }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}
