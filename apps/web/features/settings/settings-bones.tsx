// The shape of a settings page while its data is on the way.

import { Bone } from '../../components/skeleton.tsx'

/** Bones of the frame with one section. */
export function SettingsBones() {
  return (
    <div className="app">
      <header className="topbar" />
      <main className="main main-wide sheet" aria-busy="true">
        <div className="column stack" style={{ gap: 18 }}>
          <h1 className="sr-only">Settings</h1>
          <Bone width="220px" height={20} />
          <Bone width="120px" />
          <Bone width="400px" height={36} />
          <Bone width="260px" />
          <Bone width="400px" height={36} />
        </div>
      </main>
    </div>
  )
}
