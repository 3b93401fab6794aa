/**
 * A start that cannot go on for a reason that the operator can mend: another version, a wrong key, a missing right.
 * The message is the whole story, in sentences; whoever starts the process prints it without a stack.
 */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
}
