// What somebody sees who comes back from GitHub and is refused: why, that nothing was changed, and where to begin again. Only these
// words are ever shown; the address chooses among them.

import { Unplug } from 'lucide-react'
import { LinkButton } from '../../components/button.tsx'
import { PageState } from '../../components/page-state.tsx'

const reasons: Readonly<Record<string, string>> = {
  taken:
    'Another workspace of this Skein uses the App on that account. Link the project from there, or install the App for another account.',
  partly:
    'You may not write to everything on GitHub that the App reaches there. Let an owner of the organisation connect it, or have them choose fewer repositories.',
  'not-theirs':
    'GitHub does not show that installation to you. Sign in on GitHub as somebody who may, and connect it again.',
  'way-gone': 'This way back was used already, or is too old. Begin again here, in the same browser.',
  'github-unreachable': 'GitHub does not answer now. Try again in a few minutes.',
  'already-linked': 'This Skein has a GitHub App already.',
}

export function RefusedPage({ reason }: { reason: string }) {
  const words = Object.hasOwn(reasons, reason) ? reasons[reason] : 'Begin again from the settings of the workspace.'
  return (
    <PageState
      full
      icon={Unplug}
      title="GitHub is not connected"
      actions={
        <LinkButton kind="primary" href="/">
          Your projects
        </LinkButton>
      }
    >
      {words} Nothing was changed here.
    </PageState>
  )
}
