/** What a push asks for, and which of it is even looked at (RP2, RP3). Pure; reasons are what Git shows beside the name of the ref. */
import type { Oid } from '@skein/protocol'
import { isBranchName } from '../../policies/branch-name.ts'

/** One ref that is to be moved: from where the client saw it (null: not there) to where it is to be (null: deleted). */
export interface PushCommand {
  ref: string
  from: Oid | null
  to: Oid | null
}

/** How the project stands when the push has its turn. */
export interface Standing {
  branch: string
  /** Null: nothing was committed yet. */
  head: Oid | null
}

export interface Judged {
  /** The one command that is gone on with; null: all are refused. */
  accepted: { ref: string; branch: string; from: Oid | null; to: Oid } | null
  /** By ref. */
  refusals: Map<string, string>
  /** For the person, printed above the report. */
  notes: string[]
}

const heads = 'refs/heads/'

/** The project's branch may go forward; everything else is refused, each with its reason. */
export function judgeCommands(commands: readonly PushCommand[], { branch, head }: Standing): Judged {
  const judged: Judged = { accepted: null, refusals: new Map(), notes: [] }
  for (const command of commands) {
    const refusal = judge(command, { branch, head }, judged)
    if (refusal !== null) judged.refusals.set(command.ref, refusal)
  }
  const others = [...judged.refusals.values()].some((reason) => reason === otherRef)
  if (others) judged.notes.push(`A project of Skein has one branch, ${branch}. Your commits are safe on your computer.`)
  return judged
}

const otherRef = 'only the branch of the project can be pushed'

function judge({ ref, from, to }: PushCommand, { branch, head }: Standing, judged: Judged): string | null {
  const name = ref.startsWith(heads) ? ref.slice(heads.length) : null
  // Before the first commit nobody knows the branch yet, and so the first push names it.
  if (name === null || (head !== null && name !== branch)) return otherRef
  if (to === null) return 'the branch of the project cannot be deleted'
  // What Git forbids would make every clone fail from then on, and nobody could fetch what was pushed.
  if (head === null && !isBranchName(name)) return 'this cannot be the name of a branch'
  if (from !== head) return 'fetch first'
  if (judged.accepted !== null) return otherRef
  judged.accepted = { ref, branch: name, from, to }
  return null
}
