'use client'
// What stands at an address while the server is away. A project that this device knows opens as always, from what was kept
// of it; everything else waits, and names the projects that could be opened meanwhile.

import type { Me } from '@skein/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { CloudOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { PageState } from '../../components/page-state.tsx'
import { keepMe } from '../../lib/api/account.ts'
import { keepProjectData } from '../../lib/api/projects.ts'
import { pathToReference, projectPath } from '../../lib/paths.ts'
import { filesKey } from '../files/files-api.ts'
import { findKeptProject, type KeptProject, listKeptProjects } from '../project/device-projects.ts'
import ProjectPage from '../project/project-page.tsx'
import { WorkbenchBones } from '../project/workbench-bones.tsx'
import { rememberedAccount } from './device-account.ts'

/** While nothing is open here it is asked this often, in milliseconds, whether the server is back. */
const ASK_EVERY_MS = 3_000
const LISTED_MAX = 8

type Known = { me: Me | null; projects: readonly KeptProject[] }

async function readDevice(): Promise<Known> {
  const me = rememberedAccount()
  return { me, projects: me ? await listKeptProjects(me.id) : [] }
}

export default function OfflinePage() {
  const client = useQueryClient()
  const [known, setKnown] = useState<Known | null>(null)
  const reference = pathToReference(window.location.pathname)
  const kept = known && reference !== null ? findKeptProject(known.projects, reference) : undefined
  useEffect(() => {
    void readDevice().then((read) => {
      const open = reference !== null ? findKeptProject(read.projects, reference) : undefined
      if (read.me && open && reference !== null) {
        keepMe(client, read.me)
        keepProjectData(client, reference, open.project)
        client.setQueryData(filesKey(open.id), open.files)
      }
      setKnown(read)
    })
  }, [client, reference])

  if (!known) return reference === null ? null : <WorkbenchBones />
  if (kept && reference !== null) return <ProjectPage reference={reference} />
  return <NotHere projects={known.projects} isProject={reference !== null} />
}

function NotHere({ projects, isProject }: { projects: readonly KeptProject[]; isProject: boolean }) {
  useEffect(() => {
    const ask = async () => {
      const answer = await fetch('/livez', { cache: 'no-store' }).catch(() => null)
      // At its own address the page would find itself again.
      if (answer?.ok) window.location.replace(window.location.pathname === '/offline' ? '/' : window.location.href)
    }
    const timer = setInterval(() => void ask(), ASK_EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  const title = isProject ? 'This project is not on this device' : 'Skein does not answer'
  return (
    <PageState
      full
      icon={CloudOff}
      title={title}
      actions={
        projects.length > 0 ? (
          projects.slice(0, LISTED_MAX).map(({ id, project }) => (
            <a key={id} className="btn" href={projectPath(project.id)}>
              {project.name}
            </a>
          ))
        ) : (
          <Button kind="primary" onClick={() => window.location.reload()}>
            Try again
          </Button>
        )
      }
    >
      Everything marked Saved is stored. Either this device is offline or the server is starting; this page opens by
      itself when it is back. {projects.length > 0 && 'What this device holds can be opened meanwhile:'}
    </PageState>
  )
}
