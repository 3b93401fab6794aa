/** An account with a project of empty text files, made over the API. */

export interface Account {
  /** Calls `/api/v1`; rejects when the answer is a refusal. */
  call<Body>(method: string, path: string, body?: unknown): Promise<Body>
  token: string
  projectId: string
  /** `workspace/project`, as in the address of its repository. */
  slug: string
  files: { path: string; documentId: string }[]
}

/** `nickname` tells accounts of one moment apart. */
export async function createAccount(url: string, fileCount: number, nickname = 'kim'): Promise<Account> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json', origin: url } }
  const signUp = await fetch(`${url}/api/auth/sign-up/email`, {
    ...post,
    body: JSON.stringify({
      name: 'Kim',
      email: `${nickname}-${Date.now()}@example.org`,
      password: 'a quiet morning on the flats',
    }),
  })
  if (!signUp.ok) throw new Error(`sign-up: ${signUp.status} ${await signUp.text()}`)
  const cookie = signUp.headers
    .getSetCookie()
    .map((each) => each.split(';', 1)[0])
    .join('; ')
  const answer = await fetch(`${url}/api/v1/tokens`, {
    ...post,
    headers: { ...post.headers, cookie },
    body: JSON.stringify({ name: 'kill loop' }),
  })
  if (!answer.ok) throw new Error(`tokens: ${answer.status} ${await answer.text()}`)
  const { token } = (await answer.json()) as { token: string }
  const call = callWith(url, token)
  const { items } = await call<{ items: { id: string; slug: string }[] }>('GET', '/workspaces')
  const workspace = items[0]
  if (!workspace) throw new Error('the account has no workspace')
  const project = await call<{ id: string; slug: string }>('POST', `/workspaces/${workspace.id}/projects`, {
    name: 'Kill loop',
  })
  const files: Account['files'] = []
  for (let n = 0; n < fileCount; n++) {
    const path = `file-${n}.md`
    const file = await call<{ documentId: string }>('POST', `/projects/${project.id}/files`, { path, content: '' })
    files.push({ path, documentId: file.documentId })
  }
  return { call, token, projectId: project.id, slug: `${workspace.slug}/${project.slug}`, files }
}

const callWith =
  (url: string, token: string) =>
  async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Body
  }
