/** What processes have used of the processor, as Linux counts it, and which processes belong to a PostgreSQL server. */
import { readdirSync, readFileSync } from 'node:fs'

/** Seconds of processor time (its own and the kernel's for it) of the processes and all their threads; ended processes count as nothing. */
export const cpuSeconds = (processes: readonly number[]): number =>
  processes.reduce((sum, pid) => sum + threadsOf(pid).reduce((part, path) => part + nanoseconds(path) / 1e9, 0), 0)

const threadsOf = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`)
  } catch {
    return []
  }
}

const nanoseconds = (path: string): number => {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[0])
  } catch {
    return 0
  }
}

export const parentOf = (pid: number): number => {
  try {
    // The name of the program stands in brackets and may hold anything.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1])
  } catch {
    return 0
  }
}

export const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === parent)

export const residentBytes = (pid: number): number => {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1]) * 1024
}
