/**
 * Reads branches out of the list of refs with which a Git server greets (protocol v0, pkt-lines). The list is in the order of names, so all
 * branches stand before the refs of pull requests and the tags, of which there may be hundreds of thousands: once those begin, the rest of
 * the answer need not be awaited.
 */
import { Oid } from '@skein/protocol'
import type { RemoteRefs } from '../../commands/github/github-remote.ts'
import { isBranchName } from '../../policies/branch-name.ts'

const prefix = 'refs/heads/'
const lengthBytes = 4
const serviceLine = '# service=git-upload-pack'

export class BranchList {
  #rest: Buffer = Buffer.alloc(0)
  #lines = 0
  #flushes = 0
  #isBroken = false
  #isOver = false
  #defaultBranch: string | null = null
  readonly #branches = new Map<string, Oid>()

  /** Takes what has come; true when nothing more is needed. */
  push(chunk: Uint8Array): boolean {
    this.#rest = Buffer.concat([this.#rest, chunk])
    let at = 0
    while (!this.#isOver && !this.#isBroken && at + lengthBytes <= this.#rest.length) {
      const digits = this.#rest.toString('latin1', at, at + lengthBytes)
      const length = /^[0-9a-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1
      if (length === 0) {
        // The first stands after the name of the service, the second ends the list.
        this.#isOver = ++this.#flushes === 2
        at += lengthBytes
      } else if (length <= lengthBytes) this.#isBroken = true
      else if (at + length > this.#rest.length) break
      else {
        this.#readLine(this.#rest.toString('utf8', at + lengthBytes, at + length).replace(/\n$/, ''))
        at += length
      }
    }
    this.#rest = this.#rest.subarray(at)
    return this.#isOver || this.#isBroken
  }

  /** Null when this was no such list, or when it was cut off before its branches were told. */
  end(): RemoteRefs | null {
    // A repository without a commit may greet with nothing more than the name of the service.
    const isEmpty = this.#lines === 1 && this.#flushes === 1 && this.#rest.length === 0
    if (this.#isBroken || !(this.#isOver || isEmpty)) return null
    return { defaultBranch: this.#defaultBranch, branches: this.#branches }
  }

  #readLine(line: string): void {
    this.#lines += 1
    if (this.#lines === 1) {
      this.#isBroken = line !== serviceLine
      return
    }
    const [ref = '', capabilities = ''] = line.split('\0')
    const match = /^([0-9a-f]{40}) (\S+)$/.exec(ref)
    if (match === null) {
      this.#isBroken = true
      return
    }
    const [, oid = '', name = ''] = match
    if (this.#lines === 2) {
      const head = /(?:^| )symref=HEAD:refs\/heads\/(\S+)/.exec(capabilities)?.[1]
      this.#defaultBranch = head !== undefined && isBranchName(head) ? head : null
    }
    const branch = name.startsWith(prefix) ? name.slice(prefix.length) : null
    // A branch with a name that is not used here is as good as none.
    if (branch !== null && isBranchName(branch)) this.#branches.set(branch, Oid.parse(oid))
    if (branch === null && name.startsWith('refs/') && name > prefix) this.#isOver = true
  }
}
