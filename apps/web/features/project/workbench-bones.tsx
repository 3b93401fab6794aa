'use client'
// The shape of the workbench while it is not known yet what goes into it.

import { Bone } from '../../components/skeleton.tsx'
import { useIsLate } from '../editor/file-bones.tsx'

const rows = ['62%', '48%', '70%', '55%', '40%', '66%']
const lines = ['38%', '88%', '92%', '64%', '24%', '90%']

export function WorkbenchBones() {
  const isLate = useIsLate()
  return (
    <div className="app" aria-busy="true" role="status" aria-label="Opening the project">
      <header className="topbar">{isLate && <Bone width="160px" />}</header>
      <aside className="side only-wide">
        {isLate && (
          <div className="bones-rows">
            {rows.map((width) => (
              <Bone key={width} width={width} />
            ))}
          </div>
        )}
      </aside>
      <main className="main main-wide sheet">
        <div className="tabs only-wide" />
        {isLate && (
          <div className="bones">
            {lines.map((width) => (
              <Bone key={width} width={width} />
            ))}
          </div>
        )}
      </main>
    </div>
  )
}
