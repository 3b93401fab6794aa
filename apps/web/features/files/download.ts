// Downloads a file of the project as the browser does: by a link that is followed at once.

import { rawUrl } from './files-api.ts'
import { pathToName } from './tree-model.ts'

export function download(projectId: string, path: string): void {
  const link = document.createElement('a')
  link.href = rawUrl(projectId, path)
  link.download = pathToName(path)
  link.click()
}
