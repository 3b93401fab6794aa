/** Bringing others into a project, and changing what they may do there, as its owner does from the open page. */
import type { Page } from '@playwright/test'
import { expect } from '@playwright/test'
import { callAs, projectIdOf } from './api.ts'
import { editor, fillSignUp, type Person } from './people.ts'

type Role = 'editor' | 'viewer'

async function workspaceOf(page: Page): Promise<string> {
  const { body } = await callAs<{ workspace: { id: string } }>(page, 'GET', `/projects/${projectIdOf(page)}`)
  return body.workspace.id
}

/** Brings somebody new into the project that is open in `page`. */
export async function invite(page: Page, visitor: Person, role: Role): Promise<Person> {
  const { body } = await callAs<{ link: string }>(page, 'POST', `/workspaces/${await workspaceOf(page)}/invitations`, {
    role,
    projectId: projectIdOf(page),
  })
  await visitor.page.goto(body.link)
  await fillSignUp(visitor)
  // Making an account and loading everything for the first time is the longest way there is.
  await expect(editor(visitor.page)).toBeVisible({ timeout: 30_000 })
  return visitor
}

/** The owner's hand on one member; made while the member's page still answers. */
export async function memberOf(owner: Page, member: Page) {
  const { body } = await callAs<{ id: string }>(member, 'GET', '/me')
  const address = `/workspaces/${await workspaceOf(owner)}/members/${body.id}`
  return {
    make: async (role: Role) => expect((await callAs(owner, 'PATCH', address, { role })).status).toBe(200),
    remove: async () => expect((await callAs(owner, 'DELETE', address)).status).toBeLessThan(300),
  }
}
