/**
 * Every way in which the stand-in says no, as data: one row per refusal, with the status and the words GitHub uses. `refusals.test.ts`
 * holds one provocation per row and fails when a row has none.
 */

export interface Refusal {
  door: 'api' | 'git' | 'push'
  /** HTTP status; a refused push is answered 200 and carries its reason in Git's own report. */
  status: number
  message: string
  /** Of a failed validation: which field of what, in GitHub's codes; the message is then that of the one error. */
  error?: { resource: string; field?: string; code: string }
}

export const refusals = {
  'api-unknown': { door: 'api', status: 501, message: 'The stand-in does not know this call.' },
  'api-no-user-agent': {
    door: 'api',
    status: 403,
    message: 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.',
  },
  'api-no-credentials': { door: 'api', status: 401, message: 'Requires authentication' },
  'jwt-undecodable': { door: 'api', status: 401, message: 'A JSON web token could not be decoded' },
  'jwt-issuer': { door: 'api', status: 401, message: "'Issuer' claim ('iss') must be the App's id" },
  'jwt-expired': {
    door: 'api',
    status: 401,
    message:
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
  },
  'jwt-too-long': { door: 'api', status: 401, message: "'Expiration time' claim ('exp') is too far in the future" },
  'jwt-issued-later': {
    door: 'api',
    status: 401,
    message: "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
  },
  'api-bad-token': { door: 'api', status: 401, message: 'Bad credentials' },
  'api-token-for-app-call': { door: 'api', status: 401, message: 'A JSON web token could not be decoded' },
  'api-jwt-for-installation-call': { door: 'api', status: 403, message: 'Resource not accessible by integration' },
  'installation-unknown': { door: 'api', status: 404, message: 'Not Found' },
  'installation-suspended': { door: 'api', status: 403, message: 'This installation has been suspended' },
  'token-repositories': {
    door: 'api',
    status: 422,
    message: 'There is at least one repository that does not exist or is not accessible to the parent installation.',
  },
  'token-permissions': {
    door: 'api',
    status: 422,
    message: 'The permissions requested are not granted to this installation.',
  },
  'repository-hidden': { door: 'api', status: 404, message: 'Not Found' },
  'api-not-accessible': { door: 'api', status: 403, message: 'Resource not accessible by integration' },
  'api-person-for-installation-call': {
    door: 'api',
    status: 403,
    message:
      'You must authenticate with an installation access token in order to list repositories for an installation.',
  },
  'api-archived': { door: 'api', status: 403, message: 'Repository was archived so is read-only.' },
  'branch-unknown': { door: 'api', status: 404, message: 'Branch not found' },
  'pull-unknown': { door: 'api', status: 404, message: 'Not Found' },
  'comment-body': {
    door: 'api',
    status: 422,
    message: 'Validation Failed',
    error: { resource: 'IssueComment', field: 'body', code: 'missing_field' },
  },
  'pull-title': {
    door: 'api',
    status: 422,
    message: 'title is missing',
    error: { resource: 'PullRequest', field: 'title', code: 'missing_field' },
  },
  'pull-head': {
    door: 'api',
    status: 422,
    message: 'head is invalid',
    error: { resource: 'PullRequest', field: 'head', code: 'invalid' },
  },
  'pull-base': {
    door: 'api',
    status: 422,
    message: 'base is invalid',
    error: { resource: 'PullRequest', field: 'base', code: 'invalid' },
  },
  'pull-exists': {
    door: 'api',
    status: 422,
    message: 'A pull request already exists for %s.',
    error: { resource: 'PullRequest', code: 'custom' },
  },
  'pull-empty': {
    door: 'api',
    status: 422,
    message: 'No commits between %s and %s',
    error: { resource: 'PullRequest', code: 'custom' },
  },
  'pull-unrelated': {
    door: 'api',
    status: 422,
    message: 'The %s branch has no history in common with %s',
    error: { resource: 'PullRequest', code: 'custom' },
  },
  'pull-state': {
    door: 'api',
    status: 422,
    message: '%s',
    error: { resource: 'PullRequest', field: 'state', code: 'invalid' },
  },
  'repository-name': {
    door: 'api',
    status: 422,
    message: 'name is invalid',
    error: { resource: 'Repository', field: 'name', code: 'invalid' },
  },
  'repository-taken': {
    door: 'api',
    status: 422,
    message: 'name already exists on this account',
    error: { resource: 'Repository', field: 'name', code: 'custom' },
  },
  'manifest-code': { door: 'api', status: 404, message: 'Not Found' },
  'delivery-unknown': { door: 'api', status: 404, message: 'Not Found' },
  'hook-url': {
    door: 'api',
    status: 422,
    message: 'url is not a valid URL',
    error: { resource: 'Hook', field: 'url', code: 'custom' },
  },
  'rate-content': {
    door: 'api',
    status: 403,
    message:
      'You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.',
  },
  'rate-secondary-403': {
    door: 'api',
    status: 403,
    message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  },
  'rate-primary': { door: 'api', status: 403, message: 'API rate limit exceeded for installation.' },
  'rate-secondary': {
    door: 'api',
    status: 429,
    message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  },
  'git-no-credentials': { door: 'git', status: 401, message: 'No anonymous access: sign in first.' },
  'git-bad-token': {
    door: 'git',
    status: 401,
    message: 'Invalid username or token. Password authentication is not supported for Git operations.',
  },
  'git-suspended': { door: 'git', status: 403, message: 'This installation has been suspended.' },
  'git-repository-hidden': { door: 'git', status: 404, message: 'Repository not found.' },
  'git-no-write': { door: 'git', status: 403, message: 'Write access to repository not granted.' },
  'git-no-read': { door: 'git', status: 403, message: 'Read access to repository not granted.' },
  'git-archived': { door: 'git', status: 403, message: 'This repository was archived so it is read-only.' },
  'git-dumb': { door: 'git', status: 403, message: 'Please upgrade your git client.' },
  'git-rate': { door: 'git', status: 429, message: 'You have exceeded a secondary rate limit.' },
  'push-protected': { door: 'push', status: 200, message: 'protected branch hook declined' },
  'push-rules': { door: 'push', status: 200, message: 'push declined due to repository rule violations' },
  'push-forced': { door: 'push', status: 200, message: 'protected branch hook declined' },
  'push-workflows': {
    door: 'push',
    status: 200,
    message: 'refusing to allow a GitHub App to create or update workflow `%s` without `workflows` permission',
  },
  'push-large-file': { door: 'push', status: 200, message: 'pre-receive hook declined' },
  'push-moved': { door: 'push', status: 200, message: 'failed to update ref' },
  'push-hidden-ref': { door: 'push', status: 200, message: 'deny updating a hidden ref' },
} as const satisfies Record<string, Refusal>

export type RefusalName = keyof typeof refusals
