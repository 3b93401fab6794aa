// What a form could not do, above its fields: the server's sentence and its hint.

import { Notice } from '../../components/notice.tsx'
import type { ApiError } from '../../lib/api/error.ts'

/** The words of a refusal; nothing that was typed is lost. */
export function FormFault({ error }: { error: ApiError }) {
  return (
    <Notice kind={error.code === 'no-answer' ? 'warn' : 'bad'} title={error.message}>
      {error.hint && <p>{error.hint}</p>}
    </Notice>
  )
}
