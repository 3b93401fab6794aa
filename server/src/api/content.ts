/**
 * `/projects/{project}/content/{path}`, `/batch-read` and `/suggestions`: what files hold now, as text with its revision; writing it; and the hunks
 * that wait for a person.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { suggestionQueries } from '@skein/db'
import {
  actorKeyToUser,
  BatchRead,
  BatchReadAnswer,
  Content,
  DocumentId,
  EditContent,
  EditedContent,
  listOf,
  PageQuery,
  ProjectReference,
  PutContent,
  QUOTES_MAX,
  Refusal,
  type Revision,
  Suggestion,
  WrittenContent,
} from '@skein/protocol'
import { type ProjectAccess, requireProject } from '../commands/access.ts'
import { type Attempt, editContent, type PutDeps, putContent } from '../commands/content/put-content.ts'
import { readContent, readMany } from '../commands/content/read-content.ts'
import { type Answer, runOnce } from '../commands/content/run-once.ts'
import type { Actor } from '../policies/actor.ts'
import { type ApiContext, type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { decodeCursor, toPage } from './page-cursor.ts'

const tags = ['content']
const params = z.object({ project: ProjectReference })
/** The rest of the address, decoded: a path has slashes. */
export const pathParams = params.extend({ path: z.string().min(1).max(4096) })
const keyHeader = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Repeating the request with the same key gives the same answer and writes once, for a day'),
})
const matchHeader = keyHeader.extend({
  'if-match': z.string().max(200).optional().describe('The revision that was read; absent only for a new file'),
})

const get = createRoute({
  method: 'get',
  path: '/projects/{project}/content/{path}{.+}',
  tags,
  summary: 'The live text of a file; the ETag is its revision',
  request: { params: pathParams },
  responses: { ...answers(200, 'The text', Content), 304: { description: 'Nothing changed' }, default: REFUSAL },
})
const put = createRoute({
  method: 'put',
  path: '/projects/{project}/content/{path}{.+}',
  tags,
  summary: 'Write a whole text, merged with what others have changed since it was read',
  description:
    'What differs from the text of If-Match becomes hunks. Each is made where it still makes sense; where somebody else changed the same place, the text stays and a suggestion waits for a person. A revision whose history is not known any more is refused as stale-revision.',
  request: { params: pathParams, headers: matchHeader, ...jsonBody(PutContent) },
  responses: {
    ...answers(200, 'The text as it is now, committed, and what became of each hunk', WrittenContent),
    ...answers(201, 'The new file', WrittenContent),
    default: REFUSAL,
  },
})
const post = createRoute({
  method: 'post',
  path: '/projects/{project}/content/{path}{.+}',
  tags,
  summary: 'Edit a text by quotes or positions, merged with what others have changed since it was read',
  description:
    'Edits are made one after the other, all or none. A quote is found exactly, or else by whole lines whose blanks, indentation or signs differ, or that are 90 % similar; it must be found once. Then as with PUT. With an Idempotency-Key the revision has to be named.',
  request: { params: pathParams, headers: keyHeader, ...jsonBody(EditContent) },
  responses: {
    ...answers(200, 'The text as it is now, committed, and what became of each hunk', EditedContent),
    default: REFUSAL,
  },
})
const batchRead = createRoute({
  method: 'post',
  path: '/projects/{project}/batch-read',
  tags,
  summary: 'Live texts of up to 500 files, in the order asked for',
  request: { params, ...jsonBody(BatchRead) },
  responses: { ...answers(200, 'A text or an error for each path', BatchReadAnswer), default: REFUSAL },
})
const suggestions = createRoute({
  method: 'get',
  path: '/projects/{project}/suggestions',
  tags,
  summary: 'Hunks that wait for a person, oldest first',
  request: { params, query: PageQuery.extend({ document: DocumentId.optional() }) },
  responses: { ...answers(200, 'Suggestions', listOf(Suggestion)), default: REFUSAL },
})

/** Answers to writers tell what stands there now, so a token for writing alone is not enough. */
async function requireWriter({ db }: PutDeps, actor: Actor, project: string): Promise<ProjectAccess> {
  await requireProject(db.instance, actor, project, 'read-documents')
  return requireProject(db.instance, actor, project, 'write-documents')
}

/** Routes of texts. */
export function contentRoutes(deps: PutDeps): ApiRoutes {
  const { db } = deps
  const routes = newRoutes()
  routes.openapi(get, async (c) => {
    const { project, path } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'read-documents')
    const content = await readContent(deps, access, path)
    c.header('ETag', `"${content.revision}"`)
    if (tagToRevision(c.req.header('if-none-match')) === content.revision) return c.body(null, 304)
    return c.json(content, 200)
  })
  routes.openapi(put, async (c) => {
    const { project, path } = c.req.valid('param')
    const { text } = c.req.valid('json')
    const actor = c.get('actor')
    const access = await requireWriter(deps, actor, project)
    const read = tagToRevision(c.req.valid('header')['if-match'])
    const { status, body } = await once(deps, c, access, { path, read, text }, async (attempt) => {
      const { isNew, ...content } = await putContent(deps, access, actor, attempt, { path, text, read })
      return { status: isNew ? 201 : 200, body: content }
    })
    const content = body as WrittenContent
    c.header('ETag', `"${content.revision}"`)
    return status === 201 ? c.json(content, 201) : c.json(content, 200)
  })
  routes.openapi(post, async (c) => {
    const { project, path } = c.req.valid('param')
    const input = c.req.valid('json')
    checkEdits(input, c.req.valid('header')['idempotency-key'])
    const { edits, waitMs, revision: read = null } = input
    const actor = c.get('actor')
    const access = await requireWriter(deps, actor, project)
    const { body } = await once(deps, c, access, { path, ...input }, async (attempt) => ({
      status: 200,
      body: await editContent(deps, access, actor, attempt, { path, edits, read, waitMs }),
    }))
    const content = body as EditedContent
    c.header('ETag', `"${content.revision}"`)
    return c.json(content, 200)
  })
  routes.openapi(batchRead, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'read-documents')
    return c.json({ files: await readMany(deps, access, c.req.valid('json').paths) }, 200)
  })
  routes.openapi(suggestions, async (c) => {
    const { project } = c.req.valid('param')
    const { cursor, limit, document = null } = c.req.valid('query')
    const access = await requireProject(db.instance, c.get('actor'), project, 'read-documents')
    const after = decodeCursor(cursor, z.tuple([z.uuid()]))?.[0] ?? null
    const rows = await db.inWorkspace(
      access.workspaceId,
      (tx) => suggestionQueries.listSuggestions(tx, access.projectId, { after, document, limit: limit + 1 }),
      { readOnly: true },
    )
    return c.json(
      toPage(rows, limit, toSuggestion, ({ id }) => [id]),
      200,
    )
  })
  return routes
}

/** Makes a write once for its key, by whoever may still write when it is made. */
async function once(
  deps: PutDeps,
  c: ApiContext,
  { projectId, workspaceId }: ProjectAccess,
  content: { path: string; [part: string]: unknown },
  work: (attempt: Attempt) => Promise<Answer>,
): Promise<Answer> {
  const actor = c.get('actor')
  const checkRight = async () => {
    await c.get('checkIdentity')()
    await requireProject(deps.db.instance, actor, projectId, 'write-documents')
  }
  const key = c.req.header('idempotency-key') ?? null
  const route = `${c.req.method} content`
  const request = { workspaceId, userId: actor.userId, route, key, content: { projectId, ...content } }
  const answer = await runOnce(deps.db, request, (attempt) => work({ ...attempt, checkRight }), {
    toKept: (body) => {
      const { text: _text, hunks, ...rest } = body as EditedContent
      // Their texts stand in the suggestions.
      return { ...rest, hunks: hunks.map((hunk) => ({ ...hunk, ...(hunk.outcome === 'review' && NO_TEXTS) })) }
    },
    fill: async (kept) => {
      const now = await readContent(deps, { projectId, workspaceId }, content.path)
      return { ...(kept as object), ...now }
    },
  })
  if (answer.isReplayed) c.header('Idempotent-Replayed', 'true')
  return answer
}

const NO_TEXTS = { baseText: '', newText: '', presentText: '' }

function checkEdits({ revision, edits }: z.output<typeof EditContent>, key: string | undefined): void {
  const quoted = edits.reduce((sum, edit) => sum + ('oldText' in edit ? edit.oldText.length : 0), 0)
  if (quoted > QUOTES_MAX) {
    throw new Refusal('invalid-request', `The quotes of one call hold at most ${QUOTES_MAX / 1024} Ki characters.`, {
      hint: 'Quote less around each place, or make several calls. Nothing was written.',
    })
  }
  if (revision !== undefined) return
  if (edits.some((edit) => !('oldText' in edit))) {
    throw new Refusal('precondition-required', 'Edits by position need the revision that they were made for.', {
      hint: 'Read the file, and send its revision. Nothing was written.',
    })
  }
  if (key !== undefined) {
    throw new Refusal(
      'precondition-required',
      'A request that may be repeated has to name the revision that it was made for.',
      {
        hint: 'Read the file, and send its revision. Nothing was written.',
      },
    )
  }
}

const toSuggestion = ({
  author,
  authorName,
  anchorStart,
  anchorEnd,
  createdAt,
  ...row
}: suggestionQueries.SuggestionRow) => {
  const user = actorKeyToUser(author)
  return {
    ...row,
    author: user === null ? null : { id: user as string, name: authorName ?? 'Somebody who has left' },
    anchor: { start: anchorStart.toString('base64'), end: anchorEnd.toString('base64') },
    createdAt: createdAt.toISOString(),
  }
}

/** The revision in an entity tag, quoted or not; null when there is none. */
export function tagToRevision(tag: string | undefined): Revision | null {
  if (tag === undefined) return null
  return tag.trim().replace(/^(W\/)?"(.*)"$/, '$2') as Revision
}
