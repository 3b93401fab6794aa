import { expect, test } from 'vitest'
import {
  checkChoice,
  choiceToBody,
  choiceToPlan,
  formerToChoice,
  type LinkChoice,
  missingPermissions,
  noChoice,
} from './link-choice.ts'

const estuary = { repositoryId: 7, fullName: 'acme/estuary', defaultBranch: 'main', isEmpty: false, linked: [] }
const chosen: LinkChoice = { ...noChoice, installationId: 3, repository: estuary }
const linkedTo = (branch: string, directory: string): LinkChoice => ({
  ...chosen,
  repository: { ...estuary, linked: [{ id: 'other' as never, name: 'field-notes', branch, directory }] },
})

test('a choice needs a repository, and sends no more than was chosen', () => {
  expect(checkChoice(noChoice).repository).toContain('Choose')
  expect(choiceToBody(noChoice)).toBeNull()
  expect(checkChoice(chosen)).toEqual({})
  expect(choiceToBody(chosen)).toEqual({ installationId: 3, repositoryId: 7, mode: 'protected_pr' })
  expect(choiceToBody({ ...chosen, branch: ' next ', directory: '/docs/site/' })).toEqual({
    installationId: 3,
    repositoryId: 7,
    mode: 'protected_pr',
    branch: 'next',
    directory: 'docs/site',
  })
})

test('what cannot be a branch or a folder is said at its field', () => {
  expect(checkChoice({ ...chosen, branch: 'my branch' }).branch).toContain('no spaces')
  expect(checkChoice({ ...chosen, directory: 'a//b' }).directory).toContain('one slash')
})

test('a branch and folder that another project has are refused before they are sent', () => {
  const taken = linkedTo('main', '')
  expect(checkChoice(taken).branch).toContain('field-notes is linked to the branch main already')
  expect(checkChoice(taken, 'other')).toEqual({})
  expect(checkChoice({ ...taken, branch: 'next' })).toEqual({})
  expect(checkChoice({ ...taken, directory: 'docs' })).toEqual({})
  expect(checkChoice({ ...linkedTo('main', 'docs'), directory: 'docs/' }).branch).toContain('the folder docs on main')
})

test('the plan tells what is pulled, what is pushed, and what becomes of lines that both have', () => {
  expect(choiceToPlan(noChoice, 'field-notes')).toBeNull()
  const both = choiceToPlan(chosen, 'field-notes') ?? ''
  expect(both).toContain('What is on main of acme/estuary is pulled into field-notes.')
  expect(both).toContain('listed for review')
  expect(both).toContain('one pull request to main')
  const empty = choiceToPlan({ ...chosen, repository: { ...estuary, isEmpty: true }, branch: 'next' }, 'field-notes')
  expect(empty).toContain('all of field-notes is pushed to next')
  expect(choiceToPlan({ ...chosen, mode: 'direct_commit' }, null)).toBe(
    'A project is made from main of acme/estuary, with its history. From then on every commit goes to main.',
  )
})

test('what was linked last is chosen again only while its installation is here', () => {
  const former = {
    fullName: 'acme/estuary',
    url: 'https://github.com/acme/estuary',
    branch: 'next',
    directory: 'docs',
    repositoryId: 7,
    installationId: 3,
  }
  const acme = { installationId: 3, account: 'acme', isSuspended: false, permissions: {}, settingsUrl: '' }
  expect(formerToChoice(former, [])).toBeNull()
  expect(formerToChoice(null, [acme])).toBeNull()
  const again = formerToChoice(former, [acme])
  expect(again).toMatchObject({ installationId: 3, branch: 'next', directory: 'docs' })
  expect(choiceToPlan(again ?? noChoice, 'field-notes', former)).toContain('It goes on where it stopped')
  expect(choiceToPlan({ ...(again ?? noChoice), branch: 'main' }, 'field-notes', former)).toContain('is pulled into')
  // GitHub may still call it empty when it is not.
  const listed = { ...chosen, repository: { ...estuary, isEmpty: true }, branch: 'next', directory: 'docs' }
  expect(choiceToPlan(listed, 'field-notes', former)).toContain('It goes on where it stopped')
})

test('a right that sync needs is missed only where permissions are known', () => {
  expect(missingPermissions({ permissions: {} })).toEqual([])
  expect(missingPermissions({ permissions: { contents: 'write', pull_requests: 'write' } })).toEqual([])
  expect(missingPermissions({ permissions: { contents: 'read', metadata: 'read' } })).toEqual([
    'write to repositories',
    'open pull requests',
  ])
})
