/** The test's own door, under `/_control`: makes installations and repositories, changes the weather, and tells what happened. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readJson } from './answers.ts'
import { repositoryCommands } from './control-repositories.ts'
import { worldCommands } from './control-world.ts'
import type { World } from './state.ts'

/** `ids` are the numbers of the path, in their order. */
export type Command = (
  world: World,
  body: Record<string, unknown>,
  id: number,
  number: number,
) => Promise<unknown> | unknown

/** A test may hand over some thousand files, and files of more than 100 MiB. */
const bodyBytesMax = 512 * 1_048_576

const commands: Record<string, Command> = { ...worldCommands, ...repositoryCommands }

/** Answers one call of a test; `path` is what follows `/_control/`. */
export async function answerControl(
  world: World,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const [id = 0, number = 0] = (path.match(/\d+/g) ?? []).map(Number)
  const command = commands[`${request.method} ${path.replace(/\d+/, ':id').replace(/\d+/, ':number')}`]
  if (command === undefined) return void answer(501, { message: `no control ${request.method} ${path}` })
  try {
    answer(200, (await command(world, await readJson(request, bodyBytesMax), id, number)) ?? {})
  } catch (error) {
    answer(400, { message: String(error) })
  }
}
