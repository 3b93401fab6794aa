import { redirect } from 'next/navigation'
import { projectPath } from '../../../lib/paths.ts'

/** The editor stands at `/f`, where it adds the file that was open last. */
export default async function Page({ params }: { params: Promise<{ project: string }> }) {
  redirect(`${projectPath(decodeURIComponent((await params).project))}/f`)
}
