/**
 * What people read on GitHub of a link's pull request: whose work it is, which files, which commits. The same work gives the same text, so that what is
 * there already need not be sent again.
 */
import { cleanLine, escapeMarkdown, silence, writeCode } from './plain-words.ts'

/** What GitHub takes, in characters; the body is kept below it in bytes. */
export const titleCharactersMax = 256
export const bodyBytesMax = 65_536

const nameCharactersMax = 60
const subjectCharactersMax = 120
const pathCharactersMax = 200
const filesBytesMax = 32_000
const commitsBytesMax = 26_000
const peopleMax = 30

export interface RequestedFile {
  path: string
  /** Its path before, when that is another. */
  from: string | null
  change: 'added' | 'edited' | 'deleted'
  /** Null: it has no lines, or they were not counted. */
  lines: { insertions: number; deletions: number } | null
}

export interface RequestedCommit {
  oid: string
  parents: readonly string[]
  authorName: string
  message: string
}

export interface RequestedWork {
  project: string
  /** Where people find it; null: nowhere that GitHub's readers could open. */
  projectUrl: string | null
  /** By path. As many as the caller has read; `fileCount` tells of all. */
  files: readonly RequestedFile[]
  fileCount: number
  /** Newest first, those that the linked branch does not have, merges too; `commitCount` tells of all. */
  commits: readonly RequestedCommit[]
  commitCount: number
}

/** Title and body of a pull request. */
export function writePullRequestText(work: RequestedWork): { title: string; body: string } {
  // What was merged from GitHub is no work to ask for.
  const commits = work.commits.filter(({ parents }) => parents.length < 2)
  const people = countPeople(commits)
  const sections = [writeIntroduction(work), writeFiles(work), writePeople(people), writeCommits(work, commits)]
  return { title: writeTitle(work, [...people.keys()]), body: `${sections.filter(Boolean).join('\n\n')}\n` }
}

function writeTitle({ project, files, fileCount }: RequestedWork, people: readonly string[]): string {
  const [first] = files
  const name = first ? cleanLine(first.path.slice(first.path.lastIndexOf('/') + 1), nameCharactersMax) : null
  const what = name === null ? 'changes' : fileCount > 1 ? `${name} and ${countOf(fileCount - 1, 'more file')}` : name
  const by = people.length > 0 ? `, by ${joinNames(people)}` : ''
  return cleanTitle(`${cleanLine(project, nameCharactersMax)}: ${what}${by}`)
}

/** GitHub counts characters of a title in UTF-16 units or in code points; it is short enough for both. */
function cleanTitle(text: string): string {
  let title = silence(cleanLine(text, titleCharactersMax))
  for (let max = titleCharactersMax; title.length > titleCharactersMax; max -= 8) title = silence(cleanLine(text, max))
  return title
}

function joinNames(names: readonly string[]): string {
  const [first = '', second = '', ...others] = names
  if (names.length <= 1) return first
  return others.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${others.length} more`
}

function writeIntroduction({ project, projectUrl }: RequestedWork): string {
  const name = escapeMarkdown(cleanLine(project, nameCharactersMax))
  const where = projectUrl === null ? `**${name}**` : `[**${name}**](<${new URL(projectUrl).href}>)`
  return [
    `Work of ${where} in Skein. More commits join this pull request while people go on.`,
    'Merge, squash or rebase it as you like: Skein goes on from what comes of it. Commits pushed to this branch come into the project.',
  ].join('\n')
}

function writeFiles({ files, fileCount }: RequestedWork): string {
  if (fileCount === 0) return ''
  return writeList(`### ${countOf(fileCount, 'file')}`, files.map(writeFile), fileCount, filesBytesMax)
}

function writeFile({ path, from, change, lines }: RequestedFile): string {
  const name = writeCode(path, pathCharactersMax)
  const moved = from === null ? name : `${writeCode(from, pathCharactersMax)} → ${name}`
  const what = change === 'edited' ? '' : ` ${change}`
  return `- ${moved}${what}${lines === null ? '' : ` +${lines.insertions} −${lines.deletions}`}`
}

/** By how many commits they have part in, then by name. */
function countPeople(commits: readonly RequestedCommit[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const commit of commits) for (const name of peopleOf(commit)) counts.set(name, (counts.get(name) ?? 0) + 1)
  return new Map([...counts].sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1)))
}

/** The author, and whom the trailers name. */
function peopleOf({ authorName, message }: RequestedCommit): Set<string> {
  const trailers = message.matchAll(/^(?:co-authored-by|assisted-by): *([^<\n]*)/gim)
  const names = [authorName, ...[...trailers].map(([, name = '']) => name)]
  return new Set(names.map((name) => cleanLine(name, nameCharactersMax)).filter(Boolean))
}

function writePeople(people: ReadonlyMap<string, number>): string {
  if (people.size === 0) return ''
  const shown = [...people].slice(0, peopleMax).map(([name, count]) => `${escapeMarkdown(name)} (${count})`)
  const rest = people.size - shown.length
  return `**By** ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function writeCommits({ commitCount, commits: read }: RequestedWork, commits: readonly RequestedCommit[]): string {
  if (commits.length === 0) return ''
  const lines = commits.map((commit) => {
    const subject = cleanLine(commit.message.trimStart().split('\n', 1)[0] ?? '', subjectCharactersMax)
    const people = [...peopleOf(commit)].slice(0, 5).map(escapeMarkdown).join(', ')
    return `- ${commit.oid.slice(0, 10)} ${escapeMarkdown(subject)} — ${people}`
  })
  const total = commitCount - (read.length - commits.length)
  return writeList(`### ${countOf(total, 'commit')}, newest first`, lines, total, commitsBytesMax)
}

/** As many lines as have room, and how many more there are. */
function writeList(heading: string, lines: readonly string[], total: number, bytesMax: number): string {
  const shown: string[] = []
  let bytes = 0
  for (const line of lines) {
    bytes += bytesOf(line) + 1
    if (bytes > bytesMax) break
    shown.push(line)
  }
  const rest = total - shown.length
  return [heading, '', ...shown, ...(rest > 0 ? [`- and ${rest.toLocaleString('en')} more`] : [])].join('\n')
}

const countOf = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`

const utf8 = new TextEncoder()
const bytesOf = (text: string): number => utf8.encode(text).length
