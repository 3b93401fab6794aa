// The first run as data: where its tips stand in the welcome text, which steps are done, and what can honestly be said of
// opening the project on a phone.

/** Positions in the text after whose lines something is shown; null when the text does not have that part (any more). */
export type FirstRunPlaces = { typeLine: number | null; isTypeLineEmpty: boolean; invite: number | null }

const typeHeading = '## Type on the next line'
const inviteStart = 'Open this project in another window'

/** Finds the line to type on (the second one below its heading) and the end of the invitation paragraph. */
export function findPlaces(text: string): FirstRunPlaces {
  const lines = text.split('\n')
  let position = 0
  let typeLine: number | null = null
  let isTypeLineEmpty = false
  let invite: number | null = null
  for (const [index, line] of lines.entries()) {
    if (lines[index - 2] === typeHeading && !line.startsWith('#')) {
      typeLine = position
      isTypeLineEmpty = line === ''
    }
    if (line.startsWith(inviteStart)) invite = position
    position += line.length + 1
  }
  return { typeLine, isTypeLineEmpty, invite }
}

export type StepId = 'open' | 'type' | 'second' | 'commit'

export type Step = { id: StepId; title: string; words: string; isDone: boolean }

/** The steps, in order; the first one that is not done is the current one. */
export function listSteps(done: ReadonlySet<StepId>): Step[] {
  const steps: Omit<Step, 'isDone'>[] = [
    { id: 'open', title: 'Open the demo project', words: '' },
    { id: 'type', title: 'Type a word', words: 'In line 7, or anywhere you like.' },
    { id: 'second', title: 'Open a second window', words: 'See how two people share a file.' },
    { id: 'commit', title: 'Look at the commit', words: 'Stop typing for ten seconds and watch the top.' },
  ]
  return steps.map((step) => ({ ...step, isDone: step.id === 'open' || done.has(step.id) }))
}

/** Whether another device can open this address, as far as a browser can tell. */
export type Reach = 'this-computer' | 'network'

const loopback = /^(localhost|.*\.localhost|127(\.\d+){3}|\[?::1\]?)$/

/** The address to show to a phone, and who can reach it: the public one of the instance when that is not this very computer. */
export function phoneAddress(publicUrl: string, href: string): { url: string; reach: Reach } {
  const here = new URL(href)
  let origin = here.origin
  try {
    const stated = new URL(publicUrl)
    if (!loopback.test(stated.hostname)) origin = stated.origin
  } catch {
    // Without a stated address the one in use is the best there is.
  }
  const url = new URL(`${here.pathname}${here.search}`, origin)
  return { url: url.href, reach: loopback.test(url.hostname) ? 'this-computer' : 'network' }
}
