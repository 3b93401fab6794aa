'use client'
// Which conditions of the current file are told on the sheet, in the order in which they matter.

import { pathToName } from '../files/tree-model.ts'
import type { SheetProps } from './sheet.tsx'
import {
  AccessLostNotice,
  DeletedNotice,
  ReadingOnlyNotice,
  SetAsideNotice,
  SignedOutNotice,
} from './sheet-notices.tsx'

type SheetNoticeListProps = Pick<
  SheetProps,
  'project' | 'me' | 'session' | 'current' | 'rights' | 'deleted' | 'actions'
> & { isReadOnly: boolean }

export function SheetNoticeList(props: SheetNoticeListProps) {
  const { project, me, session, current, rights, deleted, actions, isReadOnly } = props
  const { file, document: live } = current
  const gone = file ? deleted.get(file.id) : undefined
  const refused = isReadOnly ? (live?.unsent ?? 0) : 0
  const aside = session.aside.find(({ documentId }) => documentId === file?.documentId)
  const isShut = rights.isAccessLost || live?.denial != null
  // Only when a notice offers it: a text can be megabytes long, and this is drawn at every change of a fact.
  const text = (): string => live?.text.toString() ?? ''
  return (
    <>
      {session.connection.state === 'signed-out' && <SignedOutNotice />}
      {isShut && file?.kind === 'text' && <AccessLostNotice what={project.name} refused={refused} text={text} />}
      {!isShut && (!rights.isEditor || live?.isReadOnly) && (
        <ReadingOnlyNotice project={project.name} refused={refused} text={text} />
      )}
      {gone && file && (
        <DeletedNotice
          name={pathToName(file.path)}
          by={gone.by === null ? null : gone.by.id === me.id ? 'You' : gone.by.name}
          canRestore={rights.isEditor}
          onRestore={() => void actions.restore(file.id)}
        />
      )}
      {aside && <SetAsideNotice aside={aside} onForget={() => void session.forgetAside(aside.id)} />}
    </>
  )
}
