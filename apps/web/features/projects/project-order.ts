// The orders in which projects can be listed.

import type { Project } from '@skein/protocol'

export type ProjectOrder = 'changed' | 'name' | 'created'

export const projectOrders: readonly { value: ProjectOrder; label: string }[] = [
  { value: 'changed', label: 'Last changed first' },
  { value: 'name', label: 'By name' },
  { value: 'created', label: 'Newest first' },
]

/** The projects in an order; the argument stays as it is. */
export function sortProjects(projects: readonly Project[], order: ProjectOrder): Project[] {
  const sorted = [...projects]
  switch (order) {
    case 'changed':
      return sorted.sort((a, b) => b.changedAt.localeCompare(a.changedAt))
    case 'name':
      return sorted.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    case 'created':
      return sorted.sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    default:
      return order satisfies never
  }
}
