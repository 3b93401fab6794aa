/** What people read on GitHub, and what must not happen when names and paths hold Markdown. */
import { expect, test } from 'vitest'
import { writeMergeMessage } from './merge-message.ts'
import { escapeMarkdown, silence, writeCode } from './plain-words.ts'
import {
  bodyBytesMax,
  type RequestedCommit,
  type RequestedFile,
  type RequestedWork,
  titleCharactersMax,
  writePullRequestText,
} from './pull-request-text.ts'
import { freeRollingBranch, rollingBranchName } from './rolling-branch.ts'

const commit = (oid: string, authorName: string, message: string, parents = ['p']): RequestedCommit => ({
  oid: oid.repeat(40),
  parents,
  authorName,
  message,
})
const edited = (path: string, insertions = 3, deletions = 1): RequestedFile => ({
  path,
  from: null,
  change: 'edited',
  lines: { insertions, deletions },
})
const work = (part: Partial<RequestedWork>): RequestedWork => ({
  project: 'Handbook',
  projectUrl: null,
  files: [],
  fileCount: part.files?.length ?? 0,
  commits: [],
  commitCount: part.commits?.length ?? 0,
  ...part,
})
const joiner = '\u2060'

test('PT1: the text tells the files with their lines, the people, and the commits, newest first', () => {
  const text = writePullRequestText(
    work({
      projectUrl: 'https://skein.example.com/team/handbook',
      files: [
        edited('docs/guide.md', 12, 3),
        { path: 'logo.png', from: null, change: 'added', lines: null },
        { path: 'new.md', from: 'old.md', change: 'edited', lines: { insertions: 0, deletions: 0 } },
        { path: 'gone.md', from: null, change: 'deleted', lines: { insertions: 0, deletions: 7 } },
      ],
      commits: [
        commit('c', 'Ana', 'Write the guide\n\nMore words.\n\nCo-authored-by: Ben <ben@example.com>\n'),
        commit('b', 'Skein', 'Merge main', ['p', 'q']),
        commit('a', 'Ana', 'Begin\n\nAssisted-by: Skein Agent\n'),
      ],
    }),
  )
  expect(text.title).toBe('Handbook: guide.md and 3 more files, by Ana, Ben and 1 more')
  expect(
    text.body,
  ).toBe(`Work of [**Handbook**](<https://skein.example.com/team/handbook>) in Skein. More commits join this pull request while people go on.
Merge, squash or rebase it as you like: Skein goes on from what comes of it. Commits pushed to this branch come into the project.

### 4 files

- \`docs/guide.md\` +12 −3
- \`logo.png\` added
- \`old.md\` → \`new.md\` +0 −0
- \`gone.md\` deleted +0 −7

**By** Ana (2), Ben (1), Skein Agent (1)

### 2 commits, newest first

- cccccccccc Write the guide — Ana, Ben
- aaaaaaaaaa Begin — Ana, Skein Agent
`)
})

test('PT1: with one file and one person, and with nothing to tell', () => {
  const commits = [commit('a', 'Ana', 'x')]
  expect(writePullRequestText(work({ files: [edited('a.md')], commits })).title).toBe('Handbook: a.md, by Ana')
  expect(writePullRequestText(work({})).title).toBe('Handbook: changes')
  expect(writePullRequestText(work({})).body).not.toContain('###')
})

test('PT2: the same work gives the same text', () => {
  const commits = ['Ben', 'Ana', 'Mei'].map((name, i) => commit(String(i), name, 'x'))
  const same = (all: RequestedCommit[]) => writePullRequestText(work({ commits: all })).body.match(/\*\*By.*/)?.[0]
  expect(same(commits)).toBe('**By** Ana (1), Ben (1), Mei (1)')
  expect(same(commits.toReversed())).toBe(same(commits))
})

test('PT3: however much there is, title and body are what GitHub takes', () => {
  const long = 'ü'.repeat(3000)
  const text = writePullRequestText(
    work({
      project: long,
      files: Array.from({ length: 2000 }, (_, i) => edited(`${i}/${long}`)),
      fileCount: 5000,
      commits: Array.from({ length: 1000 }, (_, i) => commit('a', `${i}@${'@'.repeat(200)}`, '@'.repeat(300))),
      commitCount: 2500,
    }),
  )
  expect(text.title.length).toBeLessThanOrEqual(titleCharactersMax)
  expect(Buffer.byteLength(text.body)).toBeLessThanOrEqual(bodyBytesMax)
  const shown = text.body.match(/^- `/gm)?.length ?? 0
  expect(shown).toBeGreaterThan(20)
  expect(text.body).toContain(`- and ${(5000 - shown).toLocaleString('en')} more`)
  expect(text.body).toContain('### 2,500 commits')
  expect(writePullRequestText(work({ project: '@'.repeat(300) })).title.length).toBeLessThanOrEqual(titleCharactersMax)
})

test('PT4: nobody is mentioned and nothing is referred to or closed by what people typed', () => {
  const { title, body } = writePullRequestText(
    work({
      project: 'fixes #12 @ana',
      commits: [
        commit('a', '@ben', 'closes #3, GH-4, o/r#5, https://github.com/o/r/issues/6, www.example.com @team/all'),
      ],
    }),
  )
  for (const text of [title, body]) {
    expect(text).not.toMatch(/@[\w-]|#\d|gh-\d|:\/\/|www\./i)
    expect(text.replaceAll(joiner, '').replaceAll('\\', '')).toContain('fixes #12 @ana')
  }
  expect(silence('a@b.example #no GHz-1')).toBe(`a@${joiner}b.example #no GHz-1`)
})

test('PT5: signs of Markdown and HTML in names and subjects come out as they are', () => {
  expect(escapeMarkdown('<img src=x> [a](b) `c` *d* _e_ ~f~ | $g$ &amp; # h ![i] \\')).toBe(
    '\\<img src=x\\> \\[a\\](b) \\`c\\` \\*d\\* \\_e\\_ \\~f\\~ \\| \\$g\\$ \\&amp; \\# h \\!\\[i\\] \\\\',
  )
  const { body } = writePullRequestText(
    work({ commits: [commit('a', 'A\n\n# Heading\u202e', '\n\n- [x] </details>\n'), commit('b', '1. Ben', '---')] }),
  )
  expect(body).toContain('- aaaaaaaaaa - \\[x\\] \\</details\\> — A \\# Heading\n')
  expect(body).toContain('- bbbbbbbbbb --- — 1. Ben\n')
})

test('PT5: a path is code, whatever it holds', () => {
  expect(writeCode('a`b', 20)).toBe('``a`b``')
  expect(writeCode('``', 20)).toBe('``` `` ```')
  expect(writeCode(' a', 20)).toBe('`  a `')
  expect(writeCode('a\n- b', 20)).toBe('`a�- b`')
  expect(writeCode(`${'d/'.repeat(100)}end.md`, 10)).toBe('`…/d/end.md`')
})

test('PT6: messages of merges', () => {
  const source = 'main of ana/handbook'
  expect(writeMergeMessage('merge', source)).toBe('Merge main of ana/handbook')
  expect(writeMergeMessage('unrelated', source)).toBe('Join with main of ana/handbook')
  for (const kind of ['first', 'forward'] as const) {
    expect(writeMergeMessage(kind, source)).toBe('Bring edits made in Skein onto main of ana/handbook')
  }
  expect(writeMergeMessage('rewritten', source)).toMatch(
    /^Bring edits .* ana\/handbook\n\nIts history was rewritten there\.$/,
  )
  expect(writeMergeMessage('restarted', source)).toMatch(/^Bring edits .* ana\/handbook\n\nIt has what was asked for/)
  expect(writeMergeMessage('merge', 'x\n\nfixes-#1')).toBe(`Merge x fixes-#${joiner}1`)
})

test('PT7: the rolling branch has the project’s name, numbered when another branch is in its way', () => {
  const name = rollingBranchName('handbook')
  expect(name).toBe('skein/handbook')
  expect(freeRollingBranch(name, ['main'])).toBe(name)
  expect(freeRollingBranch(name, ['main', name])).toBe('skein/handbook-2')
  expect(freeRollingBranch(name, [name, 'skein/handbook-2'])).toBe('skein/handbook-3')
  expect(freeRollingBranch(name, ['skein/handbook/old'])).toBe('skein/handbook-2')
  expect(freeRollingBranch(name, ['skein'])).toBe('skein-handbook')
  expect(freeRollingBranch(name, ['skein', 'skein-handbook'])).toBe('skein-handbook-2')
})
