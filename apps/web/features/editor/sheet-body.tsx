'use client'
// What stands on the sheet: the text, its bones while it opens, what a file is that is no text, or why there is nothing.

import type { CaretPlace } from '@skein/editor'
import { Button } from '../../components/button.tsx'
import { pathToName } from '../files/tree-model.ts'
import EditorPane from './editor-pane.tsx'
import { FileBones } from './file-bones.tsx'
import { FileCard } from './file-card.tsx'
import type { SheetProps } from './sheet.tsx'
import { MissingFile, NotOnDevice } from './sheet-notices.tsx'

type SheetBodyProps = Pick<SheetProps, 'project' | 'current' | 'rights' | 'actions' | 'onPalette'> & {
  isReadOnly: boolean
  onPlace: (place: CaretPlace) => void
  onTooLarge: (bytes: number) => void
}

export function SheetBody(props: SheetBodyProps) {
  const { current, project, rights, actions, onPalette } = props
  const { tabs, file, document: live } = current
  if (tabs.missingPath !== null) return <MissingFile path={tabs.missingPath} onShowFiles={onPalette} />
  if (!file) return <NothingOpen hasFiles={tabs.tabs.recent.length > 0} onPalette={onPalette} />
  if (file.kind !== 'text') {
    return (
      <FileCard
        key={file.id}
        projectId={project.id}
        file={file}
        canEdit={rights.isEditor}
        onReplace={(content) => void actions.replace(file, content)}
      />
    )
  }
  if (live?.isNowhere && rights.isAway) return <NotOnDevice name={pathToName(file.path)} />
  if (!live?.isReady) return <FileBones key={file.id} name={pathToName(file.path)} />
  return (
    <EditorPane
      document={live}
      path={file.path}
      isReadOnly={props.isReadOnly}
      viewpoints={current.viewpoints}
      takesFocus={current.takesFocus.current}
      onPlace={props.onPlace}
      onTooLarge={props.onTooLarge}
      onEditor={current.setEditor}
    />
  )
}

function NothingOpen({ hasFiles, onPalette }: { hasFiles: boolean; onPalette: () => void }) {
  return (
    <div className="empty sheet-fill">
      <h1>{hasFiles ? 'No file is open' : 'Nothing here yet'}</h1>
      <p>
        {hasFiles
          ? 'Choose one in the tree, or by typing a part of its name.'
          : 'Make a file with the plus beside “Files”, or drop some on the tree.'}
      </p>
      {hasFiles && (
        <div className="row">
          <Button kind="primary" onClick={onPalette}>
            Go to a file
          </Button>
        </div>
      )}
    </div>
  )
}
