'use client'
// A file that is not edited as text: a picture is shown, everything else is named for what it is. It can be downloaded and,
// by those who may edit, replaced.

import type { File } from '@skein/protocol'
import { Download, Upload } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { describeKind, fileIcon, isImage } from '../files/file-kinds.ts'
import { rawUrl } from '../files/files-api.ts'
import { pathToName } from '../files/tree-model.ts'

const imageBytesMax = 25_000_000

function imageType(path: string): string {
  const ending = path.slice(path.lastIndexOf('.') + 1).toLowerCase()
  if (ending === 'svg') return 'image/svg+xml'
  if (ending === 'jpg') return 'image/jpeg'
  if (ending === 'ico') return 'image/x-icon'
  return `image/${ending}`
}

/** The bytes of a file as an address that an image can show; null until they are here. */
function usePicture(projectId: string, file: File, isWanted: boolean): string | null {
  const [url, setUrl] = useState<string | null>(null)
  const { path, id, bytes } = file
  // biome-ignore lint/correctness/useExhaustiveDependencies: a replaced file has the same path but other bytes
  useEffect(() => {
    if (!isWanted) return
    const abort = new AbortController()
    let made: string | null = null
    void (async () => {
      try {
        const answer = await fetch(rawUrl(projectId, path), { signal: abort.signal })
        if (!answer.ok) return
        // The server sends bytes as bytes; only inside an image element do they become a picture.
        made = URL.createObjectURL(new Blob([await answer.arrayBuffer()], { type: imageType(path) }))
        if (abort.signal.aborted) URL.revokeObjectURL(made)
        else setUrl(made)
      } catch {
        // Without its bytes the file is described in words, as any other.
      }
    })()
    return () => {
      abort.abort()
      if (made) URL.revokeObjectURL(made)
      setUrl(null)
    }
  }, [projectId, path, id, bytes, isWanted])
  return url
}

export function FileCard({
  projectId,
  file,
  canEdit,
  onReplace,
}: {
  projectId: string
  file: File
  canEdit: boolean
  onReplace: (content: globalThis.File) => void
}) {
  const picker = useRef<HTMLInputElement>(null)
  const name = pathToName(file.path)
  const picture = usePicture(projectId, file, file.kind === 'binary' && isImage(name) && file.bytes <= imageBytesMax)
  const { title, words } = describeKind(file)
  const canReplace = canEdit && file.kind === 'binary'
  return (
    <div className="file-card" role="document" aria-label={file.path}>
      {picture ? (
        // biome-ignore lint/performance/noImgElement: the address is made in this page; there is nothing to optimise
        <img src={picture} alt={name} />
      ) : (
        <Icon of={fileIcon(file)} size="lg" className="faint" />
      )}
      <h1>{name}</h1>
      <p className="quiet">
        <b className="strong">{title}.</b> {words}
      </p>
      <div className="row">
        {file.kind !== 'submodule' && (
          <a className="btn" href={rawUrl(projectId, file.path)} download={name}>
            <Icon of={Download} /> Download
          </a>
        )}
        {canReplace && (
          <Button kind="quiet" onClick={() => picker.current?.click()}>
            <Icon of={Upload} /> Replace
          </Button>
        )}
      </div>
      <input
        ref={picker}
        type="file"
        hidden
        aria-label={`New content of ${name}`}
        onChange={(event) => {
          const content = event.target.files?.[0]
          event.target.value = ''
          if (content) onReplace(content)
        }}
      />
    </div>
  )
}
